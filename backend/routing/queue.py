"""PURE. Who is next, and why: danger first, then waiting time, and nobody starves.

Order: every acute contact before every other. Below acute, a contact rises one level for each `RISE` it has waited, up
to `serious`; within a level, who waited longest is first. So a question that waited an hour stands beside a serious
contact that has waited as long, and can be overtaken only by contacts that are more dangerous *and* younger than `RISE` x 2.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

RISE = timedelta(minutes=15)
RANK = {"acute": 3, "serious": 2, "concern": 1, "none": 0}


@dataclass(frozen=True, slots=True)
class Waiting:
    id: str
    level: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Place:
    """A place in line, from 1. `risen` says how many levels waiting has lifted it."""

    id: str
    position: int
    risen: int


def order(waiting: Iterable[Waiting], now: datetime) -> list[Place]:
    def rank(one: Waiting) -> int:
        own = RANK[one.level]
        if own >= RANK["serious"]:
            return own
        return min(RANK["serious"], own + int((now - one.since) / RISE))

    ranked = sorted(waiting, key=lambda one: (-rank(one), one.since, one.id))
    return [Place(one.id, position, rank(one) - RANK[one.level]) for position, one in enumerate(ranked, 1)]


def wait_minutes(position: int, operators: int, recent_talks: Sequence[float]) -> tuple[int, int] | None:
    """An honest range in minutes, or None when we do not know.

    `recent_talks`: how long the last talks with an operator took, in minutes. Fewer than five tell nothing. The range
    runs from their lower to their upper quartile, times the rounds that stand before this person.
    """
    if operators <= 0 or len(recent_talks) < 5:
        return None
    talks = sorted(recent_talks)
    rounds = position / operators
    low, high = talks[len(talks) // 4] * max(rounds - 1, 0), talks[(len(talks) * 3) // 4] * rounds
    return int(low), max(int(high) + 1, int(low) + 1)
