"""Plays messages through the real stack and tells what came of them: `helpline assess` and `helpline talk`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from backend.app import Services
from backend.conversations import views
from backend.conversations.state import State
from backend.kit import ids
from backend.routing.places import Gazetteer

PATIENCE = 30.0  # seconds for one answer; the assistant's own limit is shorter
ABREAST = 8


async def _settled(services: Services, conversation: str) -> State:
    """Waits until the bot owes nothing."""
    watcher = services.hub.watcher(f"conversation:{conversation}")
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                state = await services.log.state(conversation)
                if state.ended or state.speaker != "bot" or state.answered >= state.said:
                    # A reading of the model may follow a call of a person; it comes with the turn that is under way.
                    await services.turns.finished(conversation)
                    return await services.log.state(conversation)
                await watcher.wait(1.0)
    finally:
        watcher.close()


def labels(state: State) -> dict[str, Any]:
    a = state.assessment
    return {
        "language": a.language,
        "themes": list(a.themes),
        "forms": list(a.forms),
        "role": a.role,
        "level": a.level,
        "danger_signals": list(a.danger_signals),
        "needs": list(a.needs),
        "caller_is_minor": a.caller_is_minor,
        "wants_person": a.wants_person,
        "places": list(a.places),
        "place_ambiguous": a.place_ambiguous,
        "reasons": [r.text for r in a.reasons],
    }


async def assess_first(
    services: Services, lines: list[dict[str, Any]], *, progress: Callable[[str], None]
) -> AsyncIterator[dict[str, Any]]:
    """What rules and model conclude about each text alone, in the order given."""

    async def one(line: dict[str, Any]) -> dict[str, Any]:
        reading = await services.turns.read_alone(str(line["text"]))
        return {"id": line["id"], **labels(State("", assessment=reading))}

    for start in range(0, len(lines), ABREAST):
        for answer in await asyncio.gather(*(one(line) for line in lines[start : start + ABREAST])):
            yield answer
        if start % 200 == 0:
            progress(f"{min(start + ABREAST, len(lines))} of {len(lines)} messages")


def place_of(state: State, gazetteer: Gazetteer) -> str | None:
    a = state.assessment
    return a.places[0] if len(a.places) == 1 and not a.place_ambiguous else None


async def talk(services: Services, line: dict[str, Any]) -> dict[str, Any]:
    """One whole talk: the citizen's turns, each after the answer to the one before."""
    language = line.get("language") or "nl"
    conversation, _ = await services.actions.start(language=language if language in ("nl", "fr", "en") else "nl")
    await _settled(services, conversation)
    for words in line["turns"]:
        await services.actions.say(conversation, ids.new_id(), str(words))
        await _settled(services, conversation)
    state, entries = await services.log.look(conversation)
    shown = views.citizen_events(entries, state.language)
    who = {"you": "citizen", "computer": "bot", "person": "operator", "system": "system"}
    return {
        "id": line["id"],
        "transcript": [{"who": who[event["who"]], "text": event["text"]} for event in shown],
        "state": state.status,
        "assessment": labels(state),
        "services": [choice.service for choice in services.actions.route(state).services],
        "place": place_of(state, services.reader.gazetteer),
    }
