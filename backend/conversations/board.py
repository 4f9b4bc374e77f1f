"""The open contacts at a glance: what consoles show as the queue and where citizens stand in line."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from backend.conversations.log import Log
from backend.conversations.state import State
from backend.db import tables as t
from backend.db.session import Database
from backend.errors import NotFound
from backend.kit import times
from backend.operators.presence import Presence
from backend.routing.queue import Place, Waiting, order, wait_minutes

FRESH = timedelta(seconds=0.5)  # consoles are told at most twice a second


@dataclass(frozen=True, slots=True)
class Snapshot:
    at: datetime
    states: tuple[State, ...]  # waiting first, in order; then the others, oldest first
    places: dict[str, Place]
    available: int
    recent_talks: tuple[float, ...]  # minutes

    @property
    def staffed(self) -> bool:
        return self.available > 0

    def wait(self, conversation: str) -> tuple[int | None, tuple[int, int] | None]:
        """Position in line and a range in minutes, as far as they are known."""
        place = self.places.get(conversation)
        if place is None:
            return None, None
        return place.position, wait_minutes(place.position, self.available, self.recent_talks)


class Board:
    def __init__(self, db: Database, log: Log, presence: Presence) -> None:
        self._db, self._log, self._presence = db, log, presence
        self._snapshot = Snapshot(datetime.min.replace(tzinfo=times.now().tzinfo), (), {}, 0, ())

    @property
    def latest(self) -> Snapshot:
        """The last snapshot, however old; enough for a citizen's place in line between two rings."""
        return self._snapshot

    async def snapshot(self) -> Snapshot:
        if times.now() - self._snapshot.at < FRESH:
            return self._snapshot
        ids, talks = await self._db.read(_open)
        states = []
        for id in ids:
            try:
                state = await self._log.state(id)
            except NotFound:
                continue
            if not state.ended:
                states.append(state)
        now = times.now()
        places = {
            p.id: p
            for p in order(
                (
                    Waiting(s.id, s.assessment.level, s.called_since or s.started_at or now)
                    for s in states
                    if s.status == "waiting"
                ),
                now,
            )
        }
        states.sort(key=lambda s: (places[s.id].position if s.id in places else 1_000_000, s.started_at or now, s.id))
        self._snapshot = Snapshot(now, tuple(states), places, self._presence.available, talks)
        return self._snapshot


def _open(connection: Connection) -> tuple[list[str], tuple[float, ...]]:
    c = t.conversations.c
    ids = list(
        connection.execute(select(c.id).where(c.status != "ended").order_by(c.started_at).limit(5_000)).scalars()
    )
    recent = connection.execute(
        select(c.claimed_at, c.ended_at)
        .where(c.status == "ended", c.claimed_at.is_not(None), c.ended_at > times.now() - timedelta(hours=12))
        .order_by(c.ended_at.desc())
        .limit(20)
    )
    return ids, tuple((row.ended_at - row.claimed_at).total_seconds() / 60 for row in recent)
