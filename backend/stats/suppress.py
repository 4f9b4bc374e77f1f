"""PURE. What may be shown of a row of counts, so that nobody can be found in it (PRIV-7).

* A count from 1 to 9 is never shown: `<10`.
* A hidden count may not follow from the total and the others either. As long as it does, the smallest count that is
  still shown goes too (`–`). The reader is assumed to know this file, and every hidden count keeps at least `SPREAD`
  possible values.
* When that leaves no count at all, nothing of the row is shown, not even its zeros.
* What is shown is rounded to 5, so that two overlapping periods or tables cannot be subtracted from each other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

FLOOR: Final = 10
BASE: Final = 5
SPREAD: Final = 4

State = Literal["shown", "small", "withheld"]


@dataclass(frozen=True, slots=True)
class Cell:
    """One published count. `shown` is rounded; it is None for a hidden one, whatever the reason."""

    shown: int | None
    state: State = "shown"

    @property
    def text(self) -> str:
        if self.shown is not None:
            return thousands(self.shown)
        return f"<{FLOOR}" if self.state == "small" else "–"


WITHHELD: Final = Cell(None, "withheld")


def thousands(number: int) -> str:
    """2315 is written as 2 315, with a narrow space that does not break."""
    return f"{number:,}".replace(",", "\u202f")


def rounded(count: int) -> int:
    return BASE * ((count + BASE // 2) // BASE)


def single(count: int) -> Cell:
    """A count that stands alone: a total that is not divided on the same page."""
    return Cell(None, "small") if 0 < count < FLOOR else Cell(rounded(count))


def protect(counts: Sequence[int], *, total: int | None = None) -> tuple[Cell, ...]:
    """Cells for counts whose sum the reader knows.

    `total` is the number of contacts when one contact may count in several cells (themes). Once the counts that are
    shown add up to at least that, there is nothing left to subtract from, and only small counts are hidden.
    """
    states: list[State] = ["small" if 0 < count < FLOOR else "shown" for count in counts]
    if "small" in states:
        overlap = total is not None and sum(c for c, s in zip(counts, states, strict=True) if s == "shown") >= total
        while not overlap and _follows(counts, states):
            left = [(count, -index) for index, count in enumerate(counts) if states[index] == "shown" and count]
            if not left:
                break
            states[-min(left)[1]] = "withheld"
        if not any(count and state == "shown" for count, state in zip(counts, states, strict=True)):
            return (WITHHELD,) * len(counts)
    return tuple(
        Cell(rounded(count)) if state == "shown" else Cell(None, state)
        for count, state in zip(counts, states, strict=True)
    )


def _follows(counts: Sequence[int], states: Sequence[State]) -> bool:
    """Whether a small count has fewer than SPREAD possible values for a reader who knows the sum and this rule."""
    smallest_shown = min((c for c, s in zip(counts, states, strict=True) if s == "shown" and c), default=None)
    hidden = [(c, s) for c, s in zip(counts, states, strict=True) if s != "shown"]
    rest = sum(count for count, _ in hidden)
    high_withheld = rest if smallest_shown is None else smallest_shown
    lows = [1 if state == "small" else FLOOR for _, state in hidden]
    highs = [FLOOR - 1 if state == "small" else high_withheld for _, state in hidden]
    for (_, state), low, high in zip(hidden, lows, highs, strict=True):
        if state == "small":
            least = max(low, rest - (sum(highs) - high))
            most = min(high, rest - (sum(lows) - low))
            if most - least + 1 < SPREAD:
                return True
    return False


def may_show(counts: Iterable[int]) -> bool:
    """Whether none of these counts is small: for a share, of which both numbers would follow."""
    return not any(0 < count < FLOOR for count in counts)
