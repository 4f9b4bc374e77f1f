"""PURE. What the queries found, exactly. Not for publication: `report.py` decides what may be shown."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final

from backend.stats.measures import Wait

Row = Mapping[str, str]
BRUSSELS_REGION: Final = "Brussel"
UNKNOWN_PLACE: Final = "plaats niet gekend"


@dataclass(frozen=True, slots=True)
class Names:
    """What codes are called: a service by its id, a place by its NIS or CBS code as (municipality, province)."""

    FILES: ClassVar = ("services", "municipalities", "ocmw", "gelderland_zuid")

    services: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def from_rows(
        cls,
        services: Iterable[Row] = (),
        municipalities: Iterable[Row] = (),
        ocmw: Iterable[Row] = (),
        gelderland_zuid: Iterable[Row] = (),
    ) -> "Names":
        """From the rows of data/*.csv."""
        called = {row["id"]: row["name"] for row in services}
        called |= {f"ocmw-{row['nis_code']}": row["name"] for row in ocmw}
        places = {row["nis_code"]: (row["name_nl"], row["province"] or BRUSSELS_REGION) for row in municipalities}
        places |= {row["cbs_code"]: (row["municipality"], "Gelderland (Nederland)") for row in gelderland_zuid}
        return cls(called, places)

    def place(self, code: str) -> tuple[str, str]:
        return self.places.get(code, (code, UNKNOWN_PLACE))


@dataclass(frozen=True, slots=True)
class WaitingNow:
    level: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Moment:
    """Now and today. `contacts`, `acute`, `referred` and `abandoned` are of today."""

    at: datetime
    waiting: tuple[WaitingNow, ...]
    with_bot: int
    with_operator: int
    available: int
    contacts: int
    acute: int
    referred: int
    abandoned: int


@dataclass(slots=True)
class Week:
    start: datetime
    contacts: int = 0
    called: int = 0
    abandoned: int = 0
    acute_waits: list[Wait] = field(default_factory=list)


@dataclass(slots=True)
class Facts:
    """A period. Counts are of contacts, except `services` and `routes`: those are of referrals."""

    since: datetime
    until: datetime
    weeks: tuple[Week, ...]
    contacts: int = 0
    previous: int = 0  # contacts in the period of the same length before
    first: datetime | None = None  # when the first contact of all began
    claimed: int = 0
    referred: int = 0
    acute_abandoned: int = 0
    acute_waits: list[Wait] = field(default_factory=list)
    levels: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    roles: Counter[str] = field(default_factory=Counter)
    themes: Counter[str] = field(default_factory=Counter)  # one contact can have several
    themeless: int = 0
    places: Counter[str | None] = field(default_factory=Counter)
    outcomes: Counter[str | None] = field(default_factory=Counter)  # None: still going on
    services: Counter[tuple[str, str]] = field(default_factory=Counter)  # (kind, service)
    routes: Counter[tuple[str, str]] = field(default_factory=Counter)  # (theme, kind); theme "" is none

    @property
    def called(self) -> int:
        return sum(week.called for week in self.weeks)

    @property
    def abandoned(self) -> int:
        return sum(week.abandoned for week in self.weeks)
