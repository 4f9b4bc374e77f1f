"""PURE. What a conversation amounts to, and one function per thing that can happen to it.

`apply` folds one event. Every other function is a decision: it takes the state and gives the events that follow, or
raises the error that the person reads. No clock, no database, no network: moments come in with the events.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from backend.conversations import events as e
from backend.errors import AlreadyClaimed, Ended, NotYours
from backend.triage.assessment import Assessment

Speaker = Literal["bot", "nobody", "operator"]
Draft = tuple[e.Event, str | None]  # an event and its words, when it has any


@dataclass(frozen=True, slots=True)
class State:
    id: str
    seq: int = 0
    number: str = ""
    channel: str = "chat"
    language: str = "nl"
    speaker: Speaker = "bot"
    called: bool = False
    called_reason: str = ""
    called_since: datetime | None = None  # start of the present wait
    operator: int | None = None
    operator_name: str = ""
    assessment: Assessment = field(default_factory=Assessment)
    slots: dict[str, Any] = field(default_factory=dict)
    turn: int = 0  # bot turns done
    said: int = 0  # seq of the citizen's last message
    answered: int = -1  # `said` as it was when the bot last answered or failed; -1: it has not opened yet
    citizen_last: bool = False  # the citizen spoke last, and waits for an answer of a person or the bot
    notices: tuple[str, ...] = ()
    referred: tuple[str, ...] = ()
    outcome: str | None = None
    left: str | None = None
    started_at: datetime | None = None
    first_called_at: datetime | None = None
    first_claimed_at: datetime | None = None
    ended_at: datetime | None = None
    last_said_at: datetime | None = None
    abandoned: bool = False

    @property
    def ended(self) -> bool:
        return self.outcome is not None

    @property
    def status(self) -> str:
        if self.ended:
            return "ended"
        if self.operator is not None:
            return "operator"
        return "waiting" if self.called else "bot"

    @property
    def emergency(self) -> bool:
        """The citizen has been shown the emergency numbers, and keeps seeing them."""
        return "emergency" in self.notices and not self.ended


def apply(state: State, seq: int, at: datetime, event: e.Event) -> State:
    """The state after one more event. Events come in order, without gaps."""
    match event:
        case e.Started():
            return replace(
                state, seq=seq, number=event.number, channel=event.channel, language=event.language, started_at=at
            )
        case e.Said():
            return replace(state, seq=seq, said=seq, last_said_at=at, citizen_last=True)
        case e.Replied():
            last = event.slots is not None
            return replace(
                state,
                seq=seq,
                answered=event.answers if last else state.answered,
                turn=event.turn if last else state.turn,
                slots=event.slots if event.slots is not None else state.slots,
                citizen_last=False,
            )
        case e.BotFailed():
            return replace(state, seq=seq, answered=event.answers)
        case e.Noticed():
            return replace(state, seq=seq, notices=(*state.notices, event.key))
        case e.Assessed():
            return replace(state, seq=seq, assessment=Assessment.from_dict(event.assessment))
        case e.PersonCalled():
            return replace(
                state,
                seq=seq,
                called=True,
                called_reason=event.reason,
                called_since=state.called_since or at,
                first_called_at=state.first_called_at or at,
                speaker=event.floor,
            )
        case e.Claimed():
            return replace(
                state,
                seq=seq,
                speaker="operator",
                operator=event.operator,
                operator_name=event.name,
                called=False,
                called_since=None,
                first_claimed_at=state.first_claimed_at or at,
            )
        case e.OperatorSaid():
            return replace(state, seq=seq, citizen_last=False, answered=state.said)
        case e.Referred():
            return replace(state, seq=seq, referred=(*state.referred, event.service))
        case e.HandedBack():
            to_bot = event.to == "bot"
            return replace(
                state,
                seq=seq,
                speaker="bot" if to_bot else "nobody",
                operator=None,
                operator_name="",
                called=not to_bot,
                called_reason="" if to_bot else "handed_back",
                called_since=None if to_bot else at,
                first_called_at=state.first_called_at if to_bot else state.first_called_at or at,
            )
        case e.LevelSet():
            return replace(state, seq=seq, assessment=replace(state.assessment, level=event.level))
        case e.PlaceSet():
            settled = replace(state.assessment, places=(event.nis,), place_ambiguous=False)
            return replace(state, seq=seq, assessment=settled)
        case e.Left():
            outcome = {"exit": "exit_button", "end": "ended_by_contact", "lost": "connection_lost"}[event.how]
            waiting = state.called and state.first_claimed_at is None
            return replace(
                state, seq=seq, left=event.how, outcome=outcome, ended_at=at, abandoned=waiting, called=False
            )
        case e.Closed():
            return replace(state, seq=seq, outcome=event.outcome, ended_at=at, called=False)
        case _:
            return replace(state, seq=seq)


def fold(id: str, entries: Iterable[tuple[int, datetime, e.Event]]) -> State:
    state = State(id)
    for seq, at, event in entries:
        state = apply(state, seq, at, event)
    return state


# What the citizen does


def start(*, number: str, channel: Literal["chat", "phone"], language: str) -> list[Draft]:
    return [(e.Started(number=number, channel=channel, language=language), None)]


def say(state: State, words: str, message: Assessment, *, staffed: bool) -> list[Draft]:
    """One more message. `message` is what the rules and the gazetteer read in it alone."""
    if state.ended:
        raise Ended
    marks = tuple(sorted({(r.start, r.end, r.text) for r in message.reasons if r.start >= 0}))
    drafts: list[Draft] = [(e.Said(marks=marks), words)]
    return drafts + reassess(state, message, about=state.seq + 1, staffed=staffed)


def reassess(state: State, message: Assessment, *, about: int, staffed: bool) -> list[Draft]:
    """What a reading of a message changes: the assessment, and at a new height the alarm. It only ever raises."""
    merged = state.assessment.merge(message)
    drafts: list[Draft] = []
    raised = merged.level == "acute" and state.assessment.level != "acute"
    if message.level == "acute" and "emergency" not in state.notices:
        drafts.append((e.Noticed(key="emergency", urgent=True), None))  # before any question (HLP-5)
    if merged != state.assessment:
        drafts.append((e.Assessed(about=about, assessment=merged.to_dict()), None))
    waits = state.called or state.operator is not None
    if raised and not waits:
        drafts.append((e.PersonCalled(reason="acute", floor="bot" if state.speaker == "bot" else "nobody"), None))
        drafts += _notice_of_call(state, staffed=staffed)
    elif message.wants_person and state.speaker == "bot":
        drafts.append((e.PersonCalled(reason="asked", floor="nobody"), None))
        drafts += _notice_of_call(state, staffed=staffed)
    return drafts


def _notice_of_call(state: State, *, staffed: bool) -> list[Draft]:
    key = "person_called" if staffed else "nobody_here"
    return [] if key in state.notices else [(e.Noticed(key=key), None)]


def ask_person(state: State, *, staffed: bool) -> list[Draft]:
    if state.ended:
        raise Ended
    if state.operator is not None or (state.called and state.speaker == "nobody"):
        return []
    return [(e.PersonCalled(reason="asked", floor="nobody"), None), *_notice_of_call(state, staffed=staffed)]


def leave(state: State, how: e.LeaveHow) -> list[Draft]:
    return [] if state.ended else [(e.Left(how=how), None)]


# What the bot does


def turn_owed(state: State) -> int | None:
    """The `said` that the bot still has to answer, 0 for the opening, or None. Asked again after any crash."""
    if state.ended or state.speaker != "bot" or state.answered >= state.said:
        return None
    return state.said


def bot_replied(
    state: State,
    *,
    answers: int,
    replies: list[tuple[str, tuple[str, ...]]],
    slots: dict[str, Any],
    handover: e.Called | None,
    intent: str = "",
    confidence: float = 0.0,
    staffed: bool,
) -> list[Draft]:
    """A reply that was made for an older state of the talk, or without the floor, is dropped: an empty list."""
    if turn_owed(state) != answers:
        return []
    drafts: list[Draft] = []
    for index, (words, choices) in enumerate(replies):
        last = index == len(replies) - 1
        reply = e.Replied(
            answers=answers,
            turn=state.turn + 1,
            choices=choices,
            slots=slots if last else None,
            intent=intent,
            confidence=round(confidence, 3),
        )
        drafts.append((reply, words))
    if handover is not None:
        drafts.append((e.PersonCalled(reason=handover, floor="nobody"), None))
        if not staffed:
            drafts += _notice_of_call(state, staffed=False)
    return drafts


def bot_failed(
    state: State, *, answers: int, reason: Literal["late", "empty", "refused", "unreachable"], staffed: bool
) -> list[Draft]:
    """A failure never ends a contact: a person is called and the citizen is told the truth."""
    if turn_owed(state) != answers:
        return []
    drafts: list[Draft] = [(e.BotFailed(answers=answers, reason=reason), None)]
    if "bot_failed" not in state.notices:
        drafts.append((e.Noticed(key="bot_failed"), None))
    drafts.append((e.PersonCalled(reason="bot_failed", floor="nobody"), None))
    if not staffed:
        drafts += _notice_of_call(state, staffed=False)
    return drafts


# What the operator does


def claim(state: State, operator: int, name: str) -> list[Draft]:
    if state.ended:
        raise Ended
    if state.operator == operator:
        return []
    if state.operator is not None:
        raise AlreadyClaimed(by=state.operator_name)
    return [(e.Claimed(operator=operator, name=name), None)]


def _own(state: State, operator: int) -> None:
    if state.ended:
        raise Ended
    if state.operator != operator:
        raise NotYours


def operator_say(state: State, operator: int, name: str, words: str) -> list[Draft]:
    _own(state, operator)
    return [(e.OperatorSaid(operator=operator, name=name), words)]


def note(state: State, operator: int, name: str, words: str) -> list[Draft]:
    _own(state, operator)
    return [(e.Noted(operator=operator, name=name), words)]


def refer(state: State, operator: int, name: str, service: str, kind: str, card: dict[str, Any]) -> list[Draft]:
    _own(state, operator)
    if service in state.referred:
        return []
    return [(e.Referred(operator=operator, name=name, service=service, kind=kind, card=card), None)]


def hand_back(state: State, operator: int, name: str, to: Literal["queue", "bot"]) -> list[Draft]:
    _own(state, operator)
    key = "back_to_queue" if to == "queue" else "back_to_bot"
    return [(e.HandedBack(operator=operator, name=name, to=to), None), (e.Noticed(key=key), None)]


def release(state: State, operator: int) -> list[Draft]:
    """The operator's line is gone for a minute: back on the queue, with the whole talk."""
    if state.ended or state.operator != operator:
        return []
    handed = e.HandedBack(operator=operator, name=state.operator_name, to="queue")
    return [(handed, None), (e.Noticed(key="operator_lost"), None)]


def set_level(state: State, operator: int, name: str, level: str, reason: str) -> list[Draft]:
    _own(state, operator)
    return [(e.LevelSet(operator=operator, name=name, level=level), reason)]


def set_place(state: State, operator: int, name: str, nis: str) -> list[Draft]:
    _own(state, operator)
    return [(e.PlaceSet(operator=operator, name=name, nis=nis), None)]


def close(state: State, operator: int, name: str, outcome: e.Outcome) -> list[Draft]:
    _own(state, operator)
    return [(e.Closed(operator=operator, name=name, outcome=outcome), None)]
