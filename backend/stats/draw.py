"""PURE. Charts as inline SVG. Colours and patterns are classes in desk.css: the page's policy allows no styles inline.

A chart is drawn twice, for a wide and for a narrow screen, so that its words keep their size; the page shows one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from markupsafe import Markup, escape

from backend.kit.times import BRUSSELS
from backend.stats.suppress import thousands
from backend.stats.weeks import MONTHS

_TOP, _BOTTOM, _LEFT, _RIGHT = 16, 28, 40, 12
_LABEL = 34  # room for the name of a month


@dataclass(frozen=True, slots=True)
class Series:
    """One line. None is a gap: too few contacts to say. `style` is a class: "main", "light"."""

    label: str
    values: tuple[float | None, ...]
    style: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Values per week with a target that is drawn as a line of its own."""

    label: str  # what a screen reader says instead of the drawing
    weeks: tuple[datetime, ...]
    series: tuple[Series, ...]
    target: float | None = None
    in_seconds: bool = True

    def svg(self, width: int, height: int = 250) -> Markup:
        values = [value for line in self.series for value in line.values if value is not None]
        highest = max([*values, (self.target or 0) * 1.2, 1])
        top = _minutes(highest) if self.in_seconds else _nice(highest)
        frame = _Frame(width, height, top, len(self.weeks))
        parts = [frame.grid(_seconds if self.in_seconds else _count), frame.months(self.weeks)]
        if self.target is not None:
            y = frame.y(self.target)
            parts.append(f'<line class="target" x1="{_LEFT}" y1="{y}" x2="{width - _RIGHT}" y2="{y}"/>')
        for line in self.series:
            for run in _runs(line.values):
                points = " ".join(f"{frame.x(week)},{frame.y(value)}" for week, value in run)
                parts.append(f'<polyline class="line {line.style}" points="{points}"/>')
                parts += [
                    f'<circle class="dot {line.style}" cx="{frame.x(week)}" cy="{frame.y(value)}" r="3"/>'
                    for week, value in run
                    if len(run) == 1 or len(self.weeks) <= 16
                ]
        return frame.wrap(self.label, parts)


@dataclass(frozen=True, slots=True)
class Column:
    """A share with its interval. `value` None: the count is hidden, and `high` says how much it can be at most."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Columns:
    label: str
    weeks: tuple[datetime, ...]
    columns: tuple[Column, ...]

    def svg(self, width: int, height: int = 220) -> Markup:
        seen = [value for column in self.columns for value in (column.value, column.high) if value is not None]
        frame = _Frame(width, height, _nice(max([*seen, 0.05])), len(self.weeks))
        parts = [frame.grid(lambda value: f"{value * 100:.0f} %"), frame.months(self.weeks)]
        half = max(1.5, min(14.0, frame.step * 0.3))
        base = frame.y(0)
        for week, column in enumerate(self.columns):
            x, height_of = (frame.x(week), column.high if column.value is None else column.value)
            if height_of is None:
                continue
            y = frame.y(height_of)
            kind = "column" if column.value is not None else "column unsure"
            parts.append(
                f'<rect class="{kind}" x="{x - half:.1f}" y="{y}" width="{2 * half:.1f}"'
                f' height="{base - y:.1f}" rx="2"/>'
            )
            if column.value is not None and column.low is not None and column.high is not None:
                low, high = frame.y(column.low), frame.y(column.high)
                parts.append(f'<line class="whisker" x1="{x}" y1="{low}" x2="{x}" y2="{high}"/>')
        return frame.wrap(self.label, parts)


class _Frame:
    """Where things stand: pixels for week numbers and values."""

    def __init__(self, width: int, height: int, top: float, weeks: int) -> None:
        self.width, self.height, self.top, self.weeks = (width, height, top, max(weeks, 1))
        self.step = (width - _LEFT - _RIGHT) / self.weeks

    def x(self, week: int) -> float:
        return round(_LEFT + self.step * (week + 0.5), 1)

    def y(self, value: float) -> float:
        return round(self.height - _BOTTOM - (self.height - _TOP - _BOTTOM) * min(value, self.top) / self.top, 1)

    def grid(self, text: Callable[[float], str]) -> str:
        parts = []
        for step in range(4):
            value = self.top * step / 3
            y = self.y(value)
            parts.append(f'<line class="grid" x1="{_LEFT}" y1="{y}" x2="{self.width - _RIGHT}" y2="{y}"/>')
            parts.append(f'<text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(text(value))}</text>')
        return "".join(parts)

    def months(self, weeks: Sequence[datetime]) -> str:
        """The name of a month at its first whole week, as far as the words fit."""
        months = [start.astimezone(BRUSSELS).date().month for start in weeks]
        starts = [index for index, month in enumerate(months) if index == 0 or month != months[index - 1]]
        if len(starts) > 1 and self.x(starts[1]) - self.x(0) < _LABEL:
            starts = starts[1:]  # the tail of a month: its neighbour needs the room
        parts, free = [], float("-inf")
        for index in starts:
            if self.x(index) >= free:
                name = MONTHS[months[index] - 1][:3].replace("maa", "mrt")
                parts.append(f'<text x="{self.x(index)}" y="{self.height - 8}">{name}</text>')
                free = self.x(index) + _LABEL
        return "".join(parts)

    def wrap(self, label: str, parts: list[str]) -> Markup:
        return Markup(  # noqa: S704 every word in `parts` went through escape, the rest is numbers
            f'<svg viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{escape(label)}" focusable="false">'
            + "".join(parts)
            + "</svg>"
        )


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The stretches without gaps."""
    runs: list[list[tuple[int, float]]] = []
    for index, value in enumerate(values):
        if value is None:
            continue
        if runs and runs[-1][-1][0] == index - 1:
            runs[-1].append((index, value))
        else:
            runs.append([(index, value)])
    return runs


def _nice(top: float) -> float:
    """The end of an axis of three steps: 1, 2, 3, 5 or 10 times a power of ten each."""
    step, power = top / 3, 10.0**-3
    while True:
        for factor in (1, 2, 3, 5):
            if step <= factor * power + 1e-9:
                return 3 * factor * power
        power *= 10


def _minutes(top: float) -> float:
    """The end of an axis of three steps in seconds that read well: half a minute each, or whole minutes."""
    return 90.0 if top <= 90 else 180.0 * ceil(top / 180)


def _seconds(value: float) -> str:
    return f"{int(value) // 60}:{int(value) % 60:02}"


def _count(value: float) -> str:
    return thousands(round(value))
