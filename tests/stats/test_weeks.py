"""Weeks run from Monday to Sunday as people in Brussels live them, also when the clock changes."""

from datetime import UTC, datetime

from backend.stats import weeks


def test_this_week_does_not_count_yet() -> None:
    since, until = weeks.last_weeks(datetime(2026, 11, 25, 13, tzinfo=UTC), 12)
    assert (since.isoformat(), until.isoformat()) == ("2026-08-31T00:00:00+02:00", "2026-11-23T00:00:00+01:00")
    assert weeks.period_text(since, until) == "31 augustus – 22 november 2026"


def test_a_week_with_a_change_of_the_clock_is_a_week() -> None:
    since, until = weeks.last_weeks(datetime(2026, 11, 4, tzinfo=UTC), 2)
    starts = weeks.weeks_of(since, until)
    assert [start.isoformat() for start in starts] == ["2026-10-19T00:00:00+02:00", "2026-10-26T00:00:00+01:00"]
    assert weeks.before(since, until).isoformat() == "2026-10-05T00:00:00+02:00"


def test_sunday_night_belongs_to_brussels() -> None:
    """Half past eleven on Sunday evening in UTC is Monday here."""
    _, until = weeks.last_weeks(datetime(2026, 11, 22, 23, 30, tzinfo=UTC), 4)
    assert until.isoformat() == "2026-11-23T00:00:00+01:00"
    assert weeks.today(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)).isoformat() == "2026-07-02T00:00:00+02:00"


def test_a_period_over_new_year_names_both_years() -> None:
    since, until = weeks.last_weeks(datetime(2026, 1, 14, tzinfo=UTC), 4)
    assert weeks.period_text(since, until) == "15 december 2025 – 11 januari 2026"


def test_times_are_written_as_on_a_clock() -> None:
    assert [weeks.duration(s) for s in (0, 41, 60, 725.4, 3723)] == ["0:00", "0:41", "1:00", "12:05", "1:02:03"]
