"""What leaves the statistics: nothing small, nothing exact by category, and titles that do not claim too much."""

import csv
import io
import random
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.stats import report, weeks
from backend.stats.facts import Facts, Moment, Names, WaitingNow, Week
from backend.stats.measures import Wait
from backend.stats.report import Chart, PeriodFigures
from backend.triage.assessment import THEMES

NOW = datetime(2026, 11, 25, 13, 2, tzinfo=UTC)
PLACES = {f"1{n:04}": (f"Gemeente {n}", f"Provincie {n % 4}") for n in range(24)}
SERVICES = {(kind, f"{kind}-{n}"): f"{kind} {n}" for kind in ("caw", "vk", "zsg", "parket") for n in range(4)}
NAMES = Names({code: name for (_, code), name in SERVICES.items()}, PLACES)


def facts_of(seed: int, size: int) -> Facts:
    """A period that hangs together: every count of the same imagined contacts, some categories rare."""
    rng = random.Random(seed)
    since, until = weeks.last_weeks(NOW, 12)
    facts = Facts(since, until, tuple(Week(start) for start in weeks.weeks_of(since, until)))
    rare = [rng.random() ** 3 for _ in range(40)]

    def one(values: list[str]) -> str:
        return rng.choices(values, rare[: len(values)])[0]

    for _ in range(size):
        week = rng.choice(facts.weeks)
        week.contacts += 1
        facts.contacts += 1
        level = one(["concern", "serious", "acute", "none"])
        facts.levels[level] += 1
        facts.channels[one(["phone", "chat"])] += 1
        facts.roles[one(["victim", "bystander", "unknown", "professional", "perpetrator"])] += 1
        facts.places[one(list(PLACES)) if rng.random() < 0.7 else None] += 1
        facts.outcomes[one(["referred", "helped", "exit_button", "connection_lost", "misuse", "emergency"])] += 1
        themes = {one(list(THEMES)) for _ in range(rng.choice((0, 1, 1, 2)))}
        facts.themeless += not themes
        facts.themes.update(themes)
        if rng.random() < 0.8:
            week.called += 1
            gone = rng.random() < 0.05
            week.abandoned += gone
            facts.claimed += not gone
            if level == "acute":
                wait = Wait(rng.expovariate(1 / 20), not gone)
                week.acute_waits.append(wait)
                facts.acute_waits.append(wait)
                facts.acute_abandoned += gone
            if not gone and rng.random() < 0.7:
                facts.referred += 1
                keys = [" ".join(key) for key in SERVICES]
                kind, service = one(keys).split(" ")
                facts.services[(kind, service)] += 1
                for theme in themes or {""}:
                    facts.routes[(theme, kind)] += 1
    return facts


def numbers(figures: PeriodFigures) -> list[str]:
    """Every count that is printed: cells of tables, and the numbers of bars."""
    found = []
    for chart in figures.charts:
        found += [bar.text for bar in chart.bars]
        for row in chart.table.rows:
            found += row[chart.table.names :]
    return [one for one in found if not re.search(r"[%:a-z]", one)]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([3, 12, 40, 150, 600]))
def test_no_count_from_1_to_9_and_none_that_is_not_rounded(seed: int, size: int) -> None:
    figures = report.of_period(facts_of(seed, size), NAMES)
    for number in numbers(figures):
        if number not in ("<10", "–"):
            value = int(number.replace("\u202f", ""))
            assert value % 5 == 0
            assert not 0 < value < 10


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([40, 150, 600]))
def test_a_hidden_group_shows_none_of_its_members(seed: int, size: int) -> None:
    figures = report.of_period(facts_of(seed, size), NAMES)
    for name, whole in (("plaatsen", "alle gemeenten"), ("diensten", "alle samen")):
        rows = table(figures, name).table.rows
        hidden = {group for group, member, number in rows if member == whole and number in ("<10", "–")}
        assert not [row for row in rows if row[0] in hidden and row[1] != whole]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([40, 150, 600]))
def test_a_small_municipality_is_not_even_named(seed: int, size: int) -> None:
    facts = facts_of(seed, size)
    rows = table(report.of_period(facts, NAMES), "plaatsen").table.rows
    named = {member for _, member, _ in rows}
    small = {PLACES[code][0] for code, count in facts.places.items() if code and count < 10}
    assert not named & small


def table(figures: PeriodFigures, name: str) -> Chart:
    return next(chart for chart in figures.charts if chart.name == name)


def empty() -> Facts:
    since, until = weeks.last_weeks(NOW, 12)
    return Facts(since, until, tuple(Week(start) for start in weeks.weeks_of(since, until)))


def test_a_period_without_contacts_says_so() -> None:
    figures = report.of_period(empty(), NAMES)
    assert figures.empty
    assert figures.tiles[0].value == "0"


def test_few_contacts_give_no_conclusions() -> None:
    figures = report.of_period(facts_of(1, 20), NAMES)
    for chart in figures.charts:
        assert chart.title.startswith("Te weinig"), chart.title


def test_a_close_call_is_not_called() -> None:
    facts = empty()
    facts.services = Counter({("caw", "a"): 135, ("vk", "b"): 130})
    figures = report.of_period(facts, NAMES)
    assert (
        table(figures, "soorten").title == "CAW en Vertrouwenscentrum Kindermishandeling komen ongeveer even vaak voor"
    )
    facts.services = Counter({("caw", "a"): 235, ("vk", "b"): 130})
    assert table(report.of_period(facts, NAMES), "soorten").title == "Doorverwijzingen gaan het vaakst naar het CAW"


def test_an_early_end_never_counts_as_helped() -> None:
    """HLP-7: who left with the exit button, lost the line or stopped stands apart, in the chart and in the tile."""
    facts = empty()
    facts.contacts = 400
    facts.outcomes = Counter({"helped": 100, "exit_button": 200, "connection_lost": 60, "ended_by_contact": 40})
    figures = report.of_period(facts, NAMES)
    assert table(figures, "einde").title == "25\u00a0% eindigde met hulp of een doorverwijzing"
    assert [bar.text for bar in table(figures, "einde").bars if bar.label == "weg met ‘Verlaat snel’"] == ["200"]
    assert figures.tiles[4].value == "200"
    assert "60 keer verbinding weg" in figures.tiles[4].detail


@pytest.mark.parametrize(
    ("slow", "tone", "title"),
    [
        (40.0, "good", "Acute contacten wachten bijna nooit langer dan een minuut"),
        (90.0, "bad", "Elke week wacht 1 op 20 acute contacten langer dan een minuut"),
    ],
)
def test_the_target_is_judged_on_the_slow_ones(slow: float, tone: str, title: str) -> None:
    facts = empty()
    waits = [Wait(10.0, True)] * 80 + [Wait(slow, True)] * 20
    facts.weeks[3].acute_waits = waits
    facts.acute_waits = waits
    figures = report.of_period(facts, NAMES)
    assert (figures.tiles[1].value, figures.tiles[1].tone) == (weeks.duration(slow), tone)
    assert table(figures, "wachttijd").title == title


def test_a_table_opens_in_a_spreadsheet_as_it_stands_on_the_page() -> None:
    figures = report.of_period(facts_of(5, 600), NAMES)
    for chart in figures.charts:
        raw = figures.csv(chart.name)
        assert raw.startswith("\ufeff")
        rows = list(csv.reader(io.StringIO(raw[1:]), delimiter=";"))
        assert len(rows) == len(chart.table.rows) + 1
        assert {len(row) for row in rows} == {len(chart.table.columns)}
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    with pytest.raises(KeyError):
        figures.csv("bestaat-niet")


@pytest.mark.parametrize(
    ("waiting", "available", "sentence"),
    [
        ((), 2, "Niemand wacht."),
        ((), 0, "Niemand wacht, en er is niemand beschikbaar."),
        ((WaitingNow("concern", 30),), 1, "1 persoon wacht, niemand daarvan is acuut."),
        ((WaitingNow("concern", 30), WaitingNow("serious", 9)), 0, "2 mensen wachten en er is niemand beschikbaar."),
        ((WaitingNow("acute", 75),) * 2, 0, "2 acute contacten wachten op een medewerker, tot nu toe 1:15."),
    ],
)
def test_now_in_one_true_sentence(waiting: tuple[WaitingNow, ...], available: int, sentence: str) -> None:
    now = report.of_now(Moment(NOW + timedelta(0), waiting, 0, 0, available, 0, 0, 0, 0))
    assert now.sentence == sentence


def test_a_change_is_only_given_beside_a_whole_period() -> None:
    facts = empty()
    facts.contacts, facts.previous = 1100, 1000
    facts.first = weeks.before(facts.since, facts.until) + timedelta(days=2)
    assert report.of_period(facts, NAMES).tiles[0].note == "+10\u00a0%"
    facts.first += timedelta(weeks=4)
    tile = report.of_period(facts, NAMES).tiles[0]
    assert (tile.note, tile.detail) == ("", "niet te vergelijken: de 12 weken ervoor zijn niet volledig")
