"""What a console may read: the queue, and one contact with everything around it. Every opened talk leaves an audit line."""

from dataclasses import dataclass
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
from backend.operators.presence import Presence
from backend.routing.places import Gazetteer

RING_AGAIN = (30.0, 60.0)  # seconds after which an unclaimed acute contact alarms again (HLP-4)


KEEP = 500  # contacts whose right-hand column is kept ready


@dataclass(frozen=True, slots=True)
class Side:
    """The right-hand column of the console, and what it was made of."""

    key: tuple[Any, ...]
    assessment: dict[str, Any]
    doors: dict[str, Any]


class Desk:
    def __init__(
        self, db: Database, log: Log, board: Board, presence: Presence, actions: Actions, gazetteer: Gazetteer
    ) -> None:
        self._db, self._log, self._board, self._presence = db, log, board, presence
        self._actions, self._gazetteer = actions, gazetteer
        self._sides: dict[str, Side] = {}
        self._audited: set[tuple[int, str]] = set()

    def queue(self, snapshot: Snapshot, operator: int) -> dict[str, Any]:
        here = next((one for one in self._presence.here if one.id == operator), None)
        return views.queue(snapshot, operator, here.available if here else False, self._gazetteer)

    async def fresh_queue(self, operator: int) -> dict[str, Any]:
        return self.queue(await self._board.snapshot(), operator)

    def alarms(self, conversation: str) -> int:
        """How often a waiting acute contact should have rung by now: 1, and more when nobody takes it."""
        state = next((s for s in self._board.latest.states if s.id == conversation), None)
        if state is None or state.called_since is None:
            return 1
        waited = (times.now() - state.called_since).total_seconds()
        return 1 + sum(waited >= seconds for seconds in RING_AGAIN)

    async def conversation(
        self, id: str, operator: int, *, after: int = 0, known: "Side | None" = None
    ) -> tuple[dict[str, Any], "Side"]:
        """A contact of one's own, or one that nobody has yet: to take it one must be able to read it.

        `known` is what the reader already has; the assessment and the doors are None when they are still those.
        """
        state = await self._log.state(id)
        if state.operator not in (None, operator) or (state.ended and state.operator != operator):
            raise NotAllowed
        await self._audit(operator, id)
        entries = await self._log.read(id)
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
