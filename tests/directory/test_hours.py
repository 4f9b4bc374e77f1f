"""Opening hours: open, closed or not known; holidays, midnight and the clock change."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.directory.files import load_directory, rows
from backend.directory.hours import (
    BRUSSELS,
    Hours,
    closes_at,
    from_rows,
    open_now,
    opens_again,
    opens_text,
    summary,
    week_text,
)

DATA = Path(__file__).parents[2] / "data"
SERVICES = load_directory(DATA).services
OFFICE = Hours(week=(((540, 1080),),) * 5 + ((), ()), on_holidays="closed", holidays=frozenset((date(2026, 12, 25),)))
NIGHT = Hours(week=(((0, 120), (1320, 1440)),) * 7)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BRUSSELS)


@pytest.mark.parametrize(
    ("when", "is_open", "line", "opens"),
    [
        ("2026-11-23 08:59", False, "nu gesloten, open vandaag om 9 uur", "vandaag om 9 uur"),
        ("2026-11-23 09:00", True, "open tot 18 uur", None),
        ("2026-11-23 17:59", True, "open tot 18 uur", None),
        ("2026-11-23 18:00", False, "nu gesloten, open morgen om 9 uur", "morgen om 9 uur"),
        ("2026-11-27 20:00", False, "nu gesloten, open maandag om 9 uur", "maandag om 9 uur"),
        ("2026-12-24 19:00", False, "nu gesloten, open maandag om 9 uur", "maandag om 9 uur"),
        ("2026-12-25 10:00", False, "nu gesloten, open maandag om 9 uur", "maandag om 9 uur"),
    ],
)
def test_office_hours(when, is_open, line, opens):
    assert open_now(OFFICE, at(when)) is is_open
    assert summary(OFFICE, at(when)) == line
    assert opens_text(OFFICE, at(when)) == opens


def test_unknown_and_unconfirmed_hours_stay_unknown():
    unconfirmed = Hours(week=(((0, 1440),),) * 7, certain=False)
    for hours in (None, unconfirmed):
        assert open_now(hours, at("2026-11-23 10:00")) is None
        assert opens_again(hours, at("2026-11-23 10:00")) is None
        assert summary(hours, at("2026-11-23 10:00")) == "uren niet bevestigd"


def test_a_holiday_of_which_nobody_said_anything_is_unknown():
    hours = Hours(week=OFFICE.week, on_holidays="unknown", holidays=OFFICE.holidays)
    assert open_now(hours, at("2026-12-25 10:00")) is None
    assert open_now(hours, at("2026-12-24 10:00")) is True
    assert opens_again(hours, at("2026-12-24 19:00")) is None


def test_an_exception_goes_before_the_week_and_the_holiday():
    hours = Hours(
        week=OFFICE.week,
        on_holidays="closed",
        holidays=OFFICE.holidays,
        exceptions={date(2026, 12, 25): ((600, 720),), date(2026, 11, 23): ()},
    )
    assert open_now(hours, at("2026-12-25 11:00")) is True
    assert open_now(hours, at("2026-11-23 11:00")) is False


def test_openings_run_over_midnight():
    assert closes_at(NIGHT, at("2026-11-23 23:00")) == at("2026-11-24 02:00")
    assert summary(NIGHT, at("2026-11-23 23:00")) == "open tot 2 uur"
    assert opens_text(NIGHT, at("2026-11-23 12:00")) == "vandaag om 22 uur"


def test_wall_clock_hours_survive_the_clock_change():
    assert open_now(OFFICE, datetime(2026, 3, 27, 8, 30, tzinfo=UTC)) is True  # winter: 9.30
    assert open_now(OFFICE, datetime(2026, 3, 30, 7, 30, tzinfo=UTC)) is True  # summer: 9.30
    assert opens_again(OFFICE, datetime(2026, 3, 28, 12, tzinfo=UTC)) == datetime(2026, 3, 30, 7, tzinfo=UTC)


def test_day_and_night_has_no_end():
    assert summary(SERVICES["112"].hours, at("2026-12-25 03:00")) == "dag en nacht open"
    assert closes_at(SERVICES["112"].hours, at("2026-12-25 03:00")) is None


@pytest.mark.parametrize(
    ("when", "is_open"),
    [
        ("2026-11-23 15:00", False),
        ("2026-11-23 16:00", True),
        ("2026-11-25 14:30", True),
        ("2026-11-28 14:30", True),
        ("2026-11-28 22:00", False),
        ("2026-11-29 16:00", False),
        ("2026-11-11 16:00", False),
    ],
)
def test_awel_has_its_own_week(when, is_open):
    assert open_now(SERVICES["102"].hours, at(when)) is is_open


def test_the_week_in_words():
    assert week_text(OFFICE) == "maandag tot vrijdag van 9 uur tot 18 uur, niet op feestdagen"
    assert week_text(SERVICES["106"].hours) == "dag en nacht"


def test_every_row_of_the_hours_names_a_source_a_certainty_and_a_service():
    for row in rows(DATA / "opening_hours.csv"):
        assert row["source"] and row["certainty"] in ("sourced", "old", "unverified") and row["service"] in SERVICES


def test_rows_that_contradict_each_other_are_refused():
    row = {"service": "x", "channel": "phone", "days": "mon", "opens": "09:00", "closes": "10:00", "holidays": "open"}
    with pytest.raises(ValueError, match="contradict"):
        from_rows([row | {"certainty": "sourced"}, row | {"certainty": "old"}])


@pytest.mark.parametrize("week", [(((600, 540),),) * 7, (((0, 1500),),) * 7, ((),) * 6])
def test_impossible_hours_are_refused(week):
    with pytest.raises(ValueError, match="hours"):
        Hours(week=week)


@given(st.datetimes(datetime(2020, 1, 2), datetime(2035, 11, 1), timezones=st.just(UTC)))
def test_the_next_opening_is_later_and_open(now):
    again = opens_again(OFFICE, now)
    if open_now(OFFICE, now):
        assert again is None and closes_at(OFFICE, now) > now
    else:
        assert again > now and open_now(OFFICE, again)
