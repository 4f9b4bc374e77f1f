"""Who is at work. An operator is there while available and while a console of theirs showed life in the last minute."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, select

from backend.db import tables as t
from backend.db.session import Database
from backend.kit import times

ALIVE = timedelta(seconds=60)  # a console beats every 20 s; three missed beats and the line counts as gone (REL-12)


@dataclass(frozen=True, slots=True)
class Colleague:
    id: int
    name: str
    available: bool


class Presence:
    """A snapshot, refreshed by the jobs and whenever someone comes or goes."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.here: tuple[Colleague, ...] = ()

    @property
    def staffed(self) -> bool:
        return any(one.available for one in self.here)

    @property
    def available(self) -> int:
        return sum(one.available for one in self.here)

    def is_here(self, operator: int) -> bool:
        return any(one.id == operator for one in self.here)

    async def refresh(self) -> bool:
        """Reads again; True when somebody came, went or changed."""
        before, self.here = self.here, await self._db.read(_alive)
        return before != self.here


def _alive(connection: Connection) -> tuple[Colleague, ...]:
    query = (
        select(t.operators.c.id, t.operators.c.name, t.operators.c.available)
        .join(t.sessions, t.sessions.c.operator == t.operators.c.id)
        .where(t.operators.c.active, t.sessions.c.seen_at > times.now() - ALIVE)
        .distinct()
        .order_by(t.operators.c.id)
    )
    return tuple(Colleague(row.id, row.name, row.available) for row in connection.execute(query))
