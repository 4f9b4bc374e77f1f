"""The pure heart: the floor, the alarm, and what may never happen, over generated histories."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.conversations import events as e
from backend.conversations import state as decide
from backend.conversations.state import Draft, State, apply
from backend.errors import HelplineError
from backend.triage.assessment import LEVELS, Assessment

AT = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)


def grow(state: State, drafts: list[Draft]) -> State:
    for event, words in drafts:
        assert event.has_words == (words is not None)
        parsed = e.parse(getattr(event, "type"), e.dump(event))  # noqa: B009 - what is stored is what is read
        assert parsed == event
        state = apply(state, state.seq + 1, AT + timedelta(seconds=state.seq), event)
    return state


def begin() -> State:
    return grow(State("c"), decide.start(number="ABCDE", channel="chat", language="nl"))


def reply(state: State, answers: int, **more: Any) -> list[Draft]:
    given: dict[str, Any] = {"replies": [("dag", ())], "slots": {}, "handover": None, "staffed": True} | more
    return decide.bot_replied(state, answers=answers, **given)


def test_the_numbers_stand_before_any_question_when_a_message_is_acute() -> None:
    state = grow(begin(), reply(begin(), 0))
    drafts = decide.say(state, "hij heeft een mes", Assessment(level="acute"), staffed=True)
    kinds = [type(event) for event, _ in drafts]
    assert kinds[:2] == [e.Said, e.Noticed]
    assert e.PersonCalled in kinds
    after = grow(state, drafts)
    assert after.status == "waiting" and after.emergency and after.speaker == "bot"


def test_a_reply_for_an_older_message_is_dropped() -> None:
    state = grow(begin(), decide.say(begin(), "een", Assessment(), staffed=True))
    older = state.said
    state = grow(state, decide.say(state, "twee", Assessment(), staffed=True))
    assert reply(state, older) == []
    assert reply(state, state.said) != []


def test_the_bot_never_speaks_once_a_person_has_the_floor() -> None:
    state = grow(begin(), decide.say(begin(), "een", Assessment(), staffed=True))
    owed = decide.turn_owed(state)
    assert owed is not None
    state = grow(state, decide.claim(state, 1, "An"))
    assert decide.turn_owed(state) is None
    assert reply(state, owed) == []
    assert decide.bot_failed(state, answers=owed, reason="late", staffed=True) == []


def test_a_failure_of_the_bot_calls_a_person_and_tells_the_truth() -> None:
    state = begin()
    after = grow(state, decide.bot_failed(state, answers=0, reason="unreachable", staffed=False))
    assert after.status == "waiting" and after.speaker == "nobody"
    assert {"bot_failed", "nobody_here"} <= set(after.notices)


@pytest.mark.parametrize("seed", range(400))
def test_whatever_happens_a_level_falls_only_by_an_operator_and_only_people_close(seed: int) -> None:
    rng = random.Random(seed)
    state = begin()
    for _ in range(60):
        before = state
        who = rng.choice([1, 2])
        moves: list[Any] = [
            lambda: decide.say(
                state, "x", Assessment(level=rng.choice(LEVELS), wants_person=rng.random() < 0.1), staffed=True
            ),
            lambda: reply(state, rng.choice([state.said, 0, 3]), handover=rng.choice([None, None, "intake_done"])),
            lambda: decide.bot_failed(state, answers=state.said, reason="late", staffed=False),
            lambda: decide.ask_person(state, staffed=True),
            lambda: decide.claim(state, who, "An"),
            lambda: decide.operator_say(state, who, "An", "dag"),
            lambda: decide.hand_back(state, who, "An", rng.choice(["queue", "bot"])),  # type: ignore[arg-type]
            lambda: decide.set_level(state, who, "An", rng.choice(LEVELS), "reden"),
            lambda: decide.release(state, who),
            lambda: decide.close(state, who, "An", "helped") if rng.random() < 0.1 else [],
            lambda: decide.leave(state, "end") if rng.random() < 0.03 else [],
        ]
        try:
            drafts = rng.choice(moves)()
        except HelplineError:
            continue
        state = grow(state, drafts)
        kinds = {type(event) for event, _ in drafts}
        if LEVELS.index(state.assessment.level) < LEVELS.index(before.assessment.level):
            assert e.LevelSet in kinds
        if state.ended and not before.ended:
            assert kinds & {e.Closed, e.Left}
        if e.Replied in kinds:
            assert before.speaker == "bot" and before.operator is None
        if before.ended:
            assert not kinds
        # The floor is never empty without somebody being called: no path ends in silence (promise 4).
        if state.speaker == "nobody" and not state.ended:
            assert state.called
        assert (state.operator is not None) == (state.speaker == "operator") or state.ended
