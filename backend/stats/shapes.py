"""PURE. What the page is given: texts and numbers that may be shown, nothing exact."""

import csv
import io
from dataclasses import dataclass
from typing import Literal

from backend.stats import draw
from backend.stats.words import SPACE

Tone = Literal["", "good", "bad", "warn"]


@dataclass(frozen=True, slots=True)
class WaitingLevel:
    level: str
    label: str
    count: int
    longest: str  # 0:41, or empty when nobody waits


@dataclass(frozen=True, slots=True)
class NowFigures:
    """The live part. These are open counts for who steers the work; nothing is divided by theme, place or role."""

    at: str  # 14:02:05
    sentence: str
    acute: int
    waiting: tuple[WaitingLevel, ...]
    waiting_total: int
    with_bot: int
    with_operator: int
    available: int
    today: tuple[tuple[str, str], ...]  # (label, number)


@dataclass(frozen=True, slots=True)
class Tile:
    """One number with its target or change (`note`, in a tone) and what it stands on (`detail`)."""

    label: str
    value: str
    note: str = ""
    detail: str = ""
    tone: Tone = ""


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    text: str  # the number, <10 or –
    width: float  # 0 to 100, of the longest bar of the chart
    shown: bool
    tone: str = ""  # "acute" for danger, "plain" for unknown and open


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1  # how many of the first columns hold names and not numbers


@dataclass(frozen=True, slots=True)
class Chart:
    """`bars` or `drawing`, never both; a chart with neither is its table, tinted by `heat`."""

    name: str  # of the CSV file, and of the element
    title: str
    about: str
    table: Table
    bars: tuple[Bar, ...] = ()
    drawing: draw.Lines | draw.Columns | None = None
    legend: tuple[tuple[str, str], ...] = ()  # (class, words)
    note: str = ""
    heat: tuple[tuple[int, ...], ...] = ()  # 0 to 4 for each cell of the table, when the table is the chart
    size: str = "half"  # third, half, wide, most, least: classes of the grid

    @property
    def pixels(self) -> int:
        """How wide a drawing is made for a wide screen, so that its words come out near their own size."""
        return {"third": 420, "least": 500, "most": 740, "wide": 1290}.get(self.size, 620)


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    period: str  # 1 september – 22 november 2026
    weeks: int
    empty: bool
    tiles: tuple[Tile, ...]
    charts: tuple[Chart, ...]

    def csv(self, name: str) -> str:
        """One table as a file that Excel opens in Belgium: semicolons, UTF-8 with its mark. KeyError when unknown."""
        table = {chart.name: chart.table for chart in self.charts}[name]
        out = io.StringIO()
        out.write("\ufeff")
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerows([[_plain(cell) for cell in row] for row in (table.columns, *table.rows)])
        return out.getvalue()


def _plain(cell: str) -> str:
    """Figures without the spaces of print, and no cell that a spreadsheet would run."""
    cell = cell.replace("\u202f", "").replace(SPACE, " ")
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
