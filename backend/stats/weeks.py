"""PURE. Days and weeks as people in Brussels live them, and how they are written in Dutch."""

from datetime import date, datetime, time, timedelta

from backend.kit.times import BRUSSELS

MONTHS = (
    "januari", "februari", "maart", "april", "mei", "juni",
    "juli", "augustus", "september", "oktober", "november", "december",
)  # fmt: skip
CHOICES = (4, 12, 52)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BRUSSELS)


def today(now: datetime) -> datetime:
    """The start of today in Brussels."""
    return midnight(now.astimezone(BRUSSELS).date())


def last_weeks(now: datetime, weeks: int) -> tuple[datetime, datetime]:
    """The last `weeks` whole weeks, Monday to Sunday. This week is not over, so it does not count yet."""
    day = now.astimezone(BRUSSELS).date()
    monday = day - timedelta(days=day.weekday())
    return midnight(monday - timedelta(weeks=weeks)), midnight(monday)


def before(since: datetime, until: datetime) -> datetime:
    """Where the period of the same length before this one starts."""
    first, last = since.astimezone(BRUSSELS).date(), until.astimezone(BRUSSELS).date()
    return midnight(first - (last - first))


def weeks_of(since: datetime, until: datetime) -> tuple[datetime, ...]:
    """The starts of the weeks of a period."""
    day, last = since.astimezone(BRUSSELS).date(), until.astimezone(BRUSSELS).date()
    starts = []
    while day < last:
        starts.append(midnight(day))
        day += timedelta(weeks=1)
    return tuple(starts)


def day_text(day: date, *, year: bool = False) -> str:
    return f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")


def period_text(since: datetime, until: datetime) -> str:
    """`until` itself is not part of the period: '1 september – 22 november 2026'."""
    first, last = (since.astimezone(BRUSSELS).date(), (until - timedelta(hours=12)).astimezone(BRUSSELS).date())
    return f"{day_text(first, year=first.year != last.year)} – {day_text(last, year=True)}"


def duration(seconds: float) -> str:
    """0:41, 12:05, 1:02:03."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
