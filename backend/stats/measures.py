"""PURE. The few measures of the page, each with its uncertainty (95 %)."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt

Z = 1.959964  # the normal quantile of 97.5 %


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate between a low and a high bound. `None`: the numbers do not reach that far."""

    value: float | None
    low: float | None
    high: float | None


def wilson(hits: int, of: int) -> Range:
    """A share with Wilson's interval: honest for few contacts and for shares near 0 and 1."""
    if of == 0:
        return Range(None, None, None)
    share = hits / of
    middle = share + Z * Z / (2 * of)
    width = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    scale = 1 + Z * Z / of
    return Range(share, max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale))


def differs(one: int, other: int) -> bool:
    """Whether two counts of the same period differ by more than chance."""
    return abs(one - other) > Z * sqrt(one + other)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long one person waited, in seconds. `answered` is false for who left or waits still: at least that long."""

    seconds: float
    answered: bool


class Waits:
    """Kaplan and Meier's estimate of the waiting time.

    Leaving out who gave up would make a slow day look fast: those who wait longest leave. Counting them as answered
    would too. Here everybody counts for as long as they waited.
    """

    def __init__(self, waits: Sequence[Wait]) -> None:
        self.count = len(waits)
        self.answered = sum(wait.answered for wait in waits)
        self._times: list[float] = []
        self._still: list[tuple[float, float, float]] = []  # share that still waits: value, low, high
        left, share, greenwood = len(waits), 1.0, 0.0
        ordered = sorted(waits, key=lambda wait: (wait.seconds, not wait.answered))
        index = 0
        while index < len(ordered):
            at, answered, gone = ordered[index].seconds, 0, 0
            while index < len(ordered) and ordered[index].seconds == at:
                answered += ordered[index].answered
                gone += 1
                index += 1
            if answered:
                share *= 1 - answered / left
                above = self._still[-1] if self._still else (1.0, 1.0, 1.0)
                greenwood += answered / (left * (left - answered)) if left > answered else inf
                self._times.append(at)
                low, high = _band(share, greenwood, self.answered)
                self._still.append((share, min(low, above[1]), min(high, above[2])))
            left -= gone

    def quantile(self, share: float) -> Range:
        """The time in seconds within which this share was answered. None when too many left or wait still."""
        goal = 1 - share + 1e-9
        return Range(*(self._first(goal, which) for which in (0, 1, 2)))

    def _first(self, goal: float, which: int) -> float | None:
        index = bisect_left(self._still, True, key=lambda still: still[which] <= goal)
        return self._times[index] if index < len(self._times) else None


def _band(share: float, greenwood: float, answered: int) -> tuple[float, float]:
    """Bounds on the log-log scale, which stay between 0 and 1. With nobody left, as for 0 hits of `answered`."""
    if share <= 0 or greenwood == inf:
        return (0.0, 1 - 0.025 ** (1 / answered))
    if share >= 1:
        return (0.0, 1.0)
    width = exp(Z * sqrt(greenwood) / abs(log(share)))
    return (share**width, share ** (1 / width))
