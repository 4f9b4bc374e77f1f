"""What a console may read: the queue, and one contact with all around it. Every opened talk leaves an audit line."""

import json
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert

from backend.conversations import views
from backend.conversations.actions import Actions
from backend.conversations.board import Board, Snapshot
from backend.conversations.log import Entry, Log
from backend.conversations.state import State
from backend.db import tables as t
from backend.db.session import Database
from backend.errors import NotAllowed
from backend.kit import times
from backend.operators.presence import Colleague, Presence
from backend.routing.places import Gazetteer
from backend.routing.queue import Place

RING_AGAIN = (30.0, 60.0)  # seconds after which an unclaimed acute contact alarms again (HLP-4)


KEEP = 500  # contacts whose right-hand column is kept ready


@dataclass(frozen=True, slots=True)
class Side:
    """The right-hand column of the console, and what it was made of."""

    key: tuple[Any, ...]
    assessment: dict[str, Any]
    doors: dict[str, Any]


@dataclass(slots=True)
class _Frames:
    snapshot: Snapshot
    here: tuple[Colleague, ...]
    made: dict[int, str] = field(default_factory=dict)


class Desk:
    def __init__(
        self, db: Database, log: Log, board: Board, presence: Presence, actions: Actions, gazetteer: Gazetteer
    ) -> None:
        self._db, self._log, self._board, self._presence = db, log, board, presence
        self._actions, self._gazetteer = actions, gazetteer
        self._sides: dict[str, Side] = {}
        self._lines: dict[str, tuple[tuple[State, Place | None], dict[str, Any]]] = {}
        self._frames = _Frames(board.latest, ())
        self._audited: set[tuple[int, str]] = set()

    def queue(self, snapshot: Snapshot, operator: int) -> dict[str, Any]:
        here = next((one for one in self._presence.here if one.id == operator), None)
        return views.queue(snapshot, operator, here.available if here else False, self._items(snapshot))

    def queue_frame(self, snapshot: Snapshot, operator: int) -> str:
        """The queue as JSON. Made once per snapshot and person, however many consoles show it."""
        frames = self._frames
        if frames.snapshot is not snapshot or frames.here != self._presence.here:
            frames = self._frames = _Frames(snapshot, self._presence.here)
        frame = frames.made.get(operator)
        if frame is None:
            shown = {"type": "queue", "queue": self.queue(snapshot, operator)}
            frame = frames.made[operator] = json.dumps(shown, ensure_ascii=False, separators=(",", ":"))
        return frame

    def _items(self, snapshot: Snapshot) -> dict[str, dict[str, Any]]:
        """A line for each open contact; a state that did not change keeps its line."""
        known, fresh = self._lines, {}
        for state in snapshot.states:
            key = (state, snapshot.places.get(state.id))
            line = known.get(state.id)
            if line is None or line[0][0] is not state or line[0][1] != key[1]:
                line = (key, views.item(state, snapshot, self._gazetteer))
            fresh[state.id] = line
        self._lines = fresh
        return {id: line[1] for id, line in fresh.items()}

    async def fresh_queue(self, operator: int) -> dict[str, Any]:
        return self.queue(await self._board.snapshot(), operator)

    def acute_waiting(self, snapshot: Snapshot) -> dict[str, tuple[int, dict[str, Any]]]:
        """The acute contacts that nobody has: how often each should have rung by now, and its line."""
        found = {}
        for state in snapshot.states:
            if state.status == "waiting" and state.assessment.level == "acute" and state.called_since is not None:
                waited = (times.now() - state.called_since).total_seconds()
                rung = 1 + sum(waited >= seconds for seconds in RING_AGAIN)
                found[state.id] = (rung, self._lines[state.id][1])
        return found

    async def conversation(
        self, id: str, operator: int, *, after: int = 0, known: "Side | None" = None
    ) -> tuple[dict[str, Any], "Side"]:
        """A contact of one's own, or one that nobody has yet: to take it one must be able to read it.

        `known` is what the reader already has; the assessment and the doors are None when they are still those.
        """
        _check(await self._log.state(id), operator)
        await self._audit(operator, id)
        state, entries = await self._log.look(id)
        _check(state, operator)  # somebody may have taken it while we wrote that it was read
        snapshot = self._board.latest
        side = self._side(state, entries)
        same = side is known
        view = {
            "id": id,
            "number": state.number,
            "head": state.seq,
            "events": views.staff_events(entries[after:]),
            "item": views.item(state, snapshot, self._gazetteer),
            "mine": state.operator == operator,
            "ended": state.ended,
            "outcome": state.outcome,
            "assessment": None if same else side.assessment,
            "doors": None if same else side.doors,
        }
        return view, side

    def _side(self, state: State, entries: list[Entry]) -> "Side":
        """What we know and where to: made anew when the assessment changed or a minute passed (opening hours)."""
        key = (state.assessment, state.referred, times.now().replace(second=0, microsecond=0))
        known = self._sides.get(state.id)
        if known is not None and known.key == key:
            return known
        assessment = views.assessment(state, entries, self._gazetteer)
        side = Side(key, assessment, views.doors(self._actions.route(state), state))
        self._sides[state.id] = side
        if len(self._sides) > KEEP:
            self._sides.pop(next(iter(self._sides)))
        return side

    async def _audit(self, operator: int, conversation: str) -> None:
        if (operator, conversation) in self._audited:
            return
        self._audited.add((operator, conversation))
        row = {"at": times.now(), "operator": operator, "action": "read", "subject": conversation}
        await self._db.write(lambda c: c.execute(insert(t.audit), row))


def _check(state: State, operator: int) -> None:
    if state.operator not in (None, operator) or (state.ended and state.operator != operator):
        raise NotAllowed
