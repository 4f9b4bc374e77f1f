"""PURE. Opening hours as data: weekly times, Belgian public holidays, exceptions. Answers: open, closed, not known.

Hours are wall-clock times in Brussels; `24:00` is the end of the day. Spans of two days that touch are one opening.
Hours that nobody confirmed (`certain` false) never say "open" or "closed": then the answer is None.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

BRUSSELS: Final = ZoneInfo("Europe/Brussels")
DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAYS_NL: Final = ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag")
_MONTHS_NL: Final = (
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
)
_LOOK_AHEAD: Final = 21  # days; longer closures have an end that we do not know
DAY_END: Final = 24 * 60

Span = tuple[int, int]  # minutes after midnight, [opens, closes)
ALWAYS: Final[tuple[Span, ...]] = ((0, DAY_END),)


@dataclass(frozen=True, slots=True)
class Hours:
    """`week` has seven lists of spans, Monday first; `on_holidays` says what a public holiday does to them."""

    week: tuple[tuple[Span, ...], ...]
    certain: bool = True
    on_holidays: str = "open"  # "open" as on other days, "closed", "unknown"
    holidays: frozenset[date] = frozenset()
    exceptions: Mapping[date, tuple[Span, ...]] = field(default_factory=dict)
    channel: str = "phone"

    def __post_init__(self) -> None:
        if len(self.week) != 7 or self.on_holidays not in ("open", "closed", "unknown"):
            raise ValueError("hours need seven days, and open, closed or unknown for holidays")
        for spans in (*self.week, *self.exceptions.values()):
            if any(not 0 <= opens < closes <= DAY_END for opens, closes in spans) or list(spans) != sorted(spans):
                raise ValueError(f"not opening hours: {spans}")

    def on(self, day: date) -> tuple[Span, ...] | None:
        """The spans of one day, None when not known."""
        if day in self.exceptions:
            return self.exceptions[day]
        if self.on_holidays != "open" and day in self.holidays:
            return () if self.on_holidays == "closed" else None
        return self.week[day.weekday()]

    @property
    def always(self) -> bool:
        return self.on_holidays == "open" and not self.exceptions and all(spans == ALWAYS for spans in self.week)


def open_now(hours: Hours | None, now: datetime) -> bool | None:
    """True, False, or None when the hours are not known or not confirmed. `now` is aware, in any zone."""
    if hours is None or not hours.certain:
        return None
    local = now.astimezone(BRUSSELS)
    spans = hours.on(local.date())
    if spans is None:
        return None
    minute = local.hour * 60 + local.minute
    return any(opens <= minute < closes for opens, closes in spans)


def opens_again(hours: Hours | None, now: datetime) -> datetime | None:
    """The next opening after now, in Brussels time; None when open already, unknown, or not within three weeks."""
    if hours is None or open_now(hours, now) is not False:
        return None
    local = now.astimezone(BRUSSELS)
    minute = local.hour * 60 + local.minute
    for ahead in range(_LOOK_AHEAD):
        day = local.date() + timedelta(days=ahead)
        spans = hours.on(day)
        if spans is None:
            return None
        for opens, _ in spans:
            if ahead or opens > minute:
                return datetime(day.year, day.month, day.day, opens // 60, opens % 60, tzinfo=BRUSSELS)
    return None


def closes_at(hours: Hours | None, now: datetime) -> datetime | None:
    """When the present opening ends, also past midnight; None when closed, unknown or when it never closes."""
    if hours is None or hours.always or open_now(hours, now) is not True:
        return None
    local = now.astimezone(BRUSSELS)
    day, minute = local.date(), local.hour * 60 + local.minute
    for _ in range(_LOOK_AHEAD):
        end = next((closes for opens, closes in hours.on(day) or () if opens <= minute < closes), None)
        if end is None:
            break
        if end < DAY_END:
            return datetime(day.year, day.month, day.day, end // 60, end % 60, tzinfo=BRUSSELS)
        day, minute = day + timedelta(days=1), 0
        if not any(opens == 0 for opens, _ in hours.on(day) or ()):
            return datetime(day.year, day.month, day.day, tzinfo=BRUSSELS)
    return None


# Dutch sentences


def clock(minute: int) -> str:
    """9 uur, 13.30 uur, 24 uur."""
    return f"{minute // 60}.{minute % 60:02d} uur" if minute % 60 else f"{minute // 60} uur"


def moment(then: datetime, now: datetime) -> str:
    """ "vandaag om 16 uur", "morgen om 9 uur", "maandag om 9 uur", "2 januari om 9 uur"."""
    there, here = then.astimezone(BRUSSELS), now.astimezone(BRUSSELS)
    days = (there.date() - here.date()).days
    if days == 0:
        day = "vandaag"
    elif days == 1:
        day = "morgen"
    elif days < 7:
        day = _DAYS_NL[there.weekday()]
    else:
        day = f"{there.day} {_MONTHS_NL[there.month - 1]}"
    return f"{day} om {clock(there.hour * 60 + there.minute)}"


def opens_text(hours: Hours | None, now: datetime) -> str | None:
    """When it opens again, or None."""
    again = opens_again(hours, now)
    return moment(again, now) if again is not None else None


def summary(hours: Hours | None, now: datetime) -> str:
    """One line for a card: "open tot 17 uur", "nu gesloten, open morgen om 9 uur", "uren niet bevestigd"."""
    state = open_now(hours, now)
    if hours is None or state is None:
        return "uren niet bevestigd"
    if hours.always:
        return "dag en nacht open"
    if state:
        end = closes_at(hours, now)
        return "nu open" if end is None else f"open tot {clock(_end_minute(end, now))}"
    again = opens_text(hours, now)
    return "nu gesloten" if again is None else f"nu gesloten, open {again}"


def _end_minute(end: datetime, now: datetime) -> int:
    minute = end.hour * 60 + end.minute
    return minute or DAY_END


def week_text(hours: Hours) -> str:
    """ "maandag tot vrijdag van 9 uur tot 18 uur; zaterdag van 14 uur tot 22 uur"."""
    if hours.always:
        return "dag en nacht"
    groups: list[tuple[int, int, tuple[Span, ...]]] = []
    for day, spans in enumerate(hours.week):
        if groups and groups[-1][2] == spans and groups[-1][1] == day - 1:
            groups[-1] = (groups[-1][0], day, spans)
        else:
            groups.append((day, day, spans))
    told: list[str] = []
    for first, last, spans in groups:
        if spans:
            link = " en " if last == first + 1 else " tot "
            days = _DAYS_NL[first] if first == last else f"{_DAYS_NL[first]}{link}{_DAYS_NL[last]}"
            told.append(f"{days} van {' en van '.join(f'{clock(a)} tot {clock(b)}' for a, b in spans)}")
    text = "; ".join(told)
    return f"{text}, niet op feestdagen" if hours.on_holidays == "closed" else text


# From rows


def parse_days(text: str) -> tuple[int, ...]:
    """ "mon-fri" or "wed" to weekday numbers."""
    first, _, last = text.partition("-")
    if first not in DAYS or (last and last not in DAYS):
        raise ValueError(f"not days of the week: {text!r}")
    return tuple(range(DAYS.index(first), DAYS.index(last or first) + 1))


def parse_clock(text: str) -> int:
    hour, _, minute = text.partition(":")
    found = int(hour) * 60 + int(minute)
    if not 0 <= found <= DAY_END:
        raise ValueError(f"not a time: {text!r}")
    return found


def from_rows(rows: Iterable[Mapping[str, str]], holidays: frozenset[date] = frozenset()) -> dict[str, Hours]:
    """Rows of opening_hours.csv to hours per service. Only `certainty` "sourced" counts as known."""
    weeks: dict[str, list[list[Span]]] = {}
    about: dict[str, Mapping[str, str]] = {}
    for row in rows:
        service = row["service"]
        held = about.setdefault(service, row)
        if any(held[key] != row[key] for key in ("channel", "holidays", "certainty")):
            raise ValueError(f"rows of {service} contradict each other")
        week = weeks.setdefault(service, [[] for _ in range(7)])
        for day in parse_days(row["days"]):
            week[day].append((parse_clock(row["opens"]), parse_clock(row["closes"])))
    return {
        service: Hours(
            week=tuple(tuple(sorted(spans)) for spans in week),
            certain=about[service]["certainty"] == "sourced",
            on_holidays=about[service]["holidays"],
            holidays=holidays,
            channel=about[service]["channel"],
        )
        for service, week in weeks.items()
    }
