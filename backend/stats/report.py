"""PURE. From exact counts to what a supervisor may read: now, the tiles of a period, and its charts.

Nothing leaves here or `charts.py` that `suppress.py` did not see, and a share is only given when both of its numbers
may be shown.
"""

from datetime import timedelta

from backend.kit.texts import text
from backend.stats import weeks
from backend.stats.charts import ENOUGH, FOR_P95, TARGET, all_charts
from backend.stats.facts import Facts, Moment, Names
from backend.stats.measures import Waits, differs, wilson
from backend.stats.shapes import Chart, NowFigures, PeriodFigures, Tile, Tone, WaitingLevel
from backend.stats.suppress import FLOOR, may_show, single, thousands
from backend.stats.words import SPACE, between, between_times, percent
from backend.triage.assessment import LEVELS

__all__ = ["Chart", "NowFigures", "PeriodFigures", "Tile", "of_now", "of_period"]


def of_now(moment: Moment) -> NowFigures:
    levels = []
    for level in reversed(LEVELS):
        seconds = [one.seconds for one in moment.waiting if one.level == level]
        longest = weeks.duration(max(seconds)) if seconds else ""
        levels.append(WaitingLevel(level, text(f"labels.level.{level}"), len(seconds), longest))
    acute = levels[0].count
    return NowFigures(
        at=moment.at.strftime("%H:%M:%S"),
        sentence=_now_sentence(acute, levels[0].longest, len(moment.waiting), moment.available),
        acute=acute,
        waiting=tuple(levels),
        waiting_total=len(moment.waiting),
        with_bot=moment.with_bot,
        with_operator=moment.with_operator,
        available=moment.available,
        today=(
            ("contacten", thousands(moment.contacts)),
            ("acuut", thousands(moment.acute)),
            ("doorverwezen", thousands(moment.referred)),
            ("afgehaakt", thousands(moment.abandoned)),
        ),
    )


def _now_sentence(acute: int, longest: str, waiting: int, available: int) -> str:
    if acute:
        who = "1 acuut contact wacht" if acute == 1 else f"{acute} acute contacten wachten"
        return f"{who} op een medewerker, tot nu toe {longest}."
    if waiting and not available:
        return f"{_people(waiting)} en er is niemand beschikbaar."
    if waiting:
        return f"{_people(waiting)}, niemand daarvan is acuut."
    return "Niemand wacht." if available else "Niemand wacht, en er is niemand beschikbaar."


def _people(count: int) -> str:
    return "1 persoon wacht" if count == 1 else f"{count} mensen wachten"


def of_period(facts: Facts, names: Names) -> PeriodFigures:
    return PeriodFigures(
        period=weeks.period_text(facts.since, facts.until),
        weeks=len(facts.weeks),
        empty=facts.contacts == 0,
        tiles=_tiles(facts),
        charts=all_charts(facts, names),
    )


def _tiles(facts: Facts) -> tuple[Tile, ...]:
    left = [facts.outcomes[code] for code in ("exit_button", "connection_lost", "ended_by_contact")]
    cells = [single(count) for count in left]
    return (
        Tile("Contacten", single(facts.contacts).text, *_change(facts)),
        _acute_tile(facts),
        _share_tile(
            "Doorverwezen",
            facts.referred,
            facts.claimed,
            detail=f"van wie een medewerker sprak · {single(facts.services.total()).text} keer een dienst gegeven",
        ),
        _share_tile("Afgehaakt", facts.abandoned, facts.called, detail="van wie op een medewerker wachtte"),
        Tile(
            "Weg met ‘Verlaat snel’",
            cells[0].text,
            "",
            f"{cells[1].text} keer verbinding weg · {cells[2].text} keer zelf gestopt. Dat telt nooit als opgelost.",
        ),
    )


def _change(facts: Facts) -> tuple[str, str, Tone]:
    now, before = facts.contacts, facts.previous
    span = f"de {len(facts.weeks)} weken ervoor"
    if before < ENOUGH or now < ENOUGH:
        return "", f"te weinig om te vergelijken met {span}", ""
    if facts.first is None or facts.first > weeks.before(facts.since, facts.until) + timedelta(weeks=1):
        return "", f"niet te vergelijken: {span} zijn niet volledig", ""
    change = round(100 * (now - before) / before)
    sign = "+" if change > 0 else "−" if change < 0 else ""
    chance = "" if differs(now, before) else ", kan toeval zijn"
    return f"{sign}{abs(change)}{SPACE}%", f"tegenover {span} ({single(before).text}){chance}", ""


def _acute_tile(facts: Facts) -> Tile:
    waits, label = Waits(facts.acute_waits), "Acuut: wachttijd (p95)"
    goal = f"doel {weeks.duration(TARGET)}"
    if waits.count < FOR_P95:
        return Tile(label, "–", goal, f"te weinig acute contacten: {single(waits.count).text}")
    slow = waits.quantile(0.95)
    left = single(facts.acute_abandoned)
    detail = f"{between_times(slow)} · {left.text} van {single(waits.count).text} haakten af"
    if slow.value is None:
        return Tile(label, "niet te zeggen", goal, detail, "bad")
    tone: Tone = "good" if slow.high is not None and slow.high <= TARGET else "warn"
    if slow.value > TARGET:
        tone = "bad"
    return Tile(label, weeks.duration(slow.value), goal, detail, tone)


def _share_tile(label: str, hits: int, of: int, *, detail: str) -> Tile:
    if of < FLOOR:
        return Tile(label, "–", "", "te weinig contacten")
    if not may_show((hits, of - hits)):
        side = "minder" if hits < FLOOR else "meer"
        bound = FLOOR / of if hits < FLOOR else 1 - FLOOR / of
        return Tile(label, f"{side} dan {percent(bound)}", "", detail)
    share = wilson(hits, of)
    return Tile(label, percent(share.value), between(share), detail)
