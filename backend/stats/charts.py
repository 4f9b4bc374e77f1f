"""PURE. The charts of a period. A title is the answer, worked out from the numbers; with too few it says so."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Final

from backend.stats import draw, weeks
from backend.stats.facts import UNKNOWN_PLACE, Facts, Names
from backend.stats.measures import Range, Waits, differs, wilson
from backend.stats.shapes import Bar, Chart, Table
from backend.stats.suppress import FLOOR, Cell, may_show, protect, single, thousands
from backend.stats.words import between, between_times, capital, name_of, percent, time_text, week_text, with_article
from backend.triage.assessment import LEVELS, ROLES, THEMES

TARGET: Final = 60.0  # seconds: an acute contact has a person within a minute (HLP-2)
ENOUGH: Final = 50  # contacts before a title dares to compare
FOR_P95: Final = 20  # waits before the slowest of twenty means anything
TOO_FEW: Final = "Te weinig contacten om iets te besluiten"


def all_charts(facts: Facts, names: Names) -> tuple[Chart, ...]:
    """In the order of the page: where people went first, then who they are and how it went."""
    return (
        _kinds(facts), _waiting(facts), _routes(facts), _themes(facts), _services(facts, names), _levels(facts),
        _channels(facts), _roles(facts), _places(facts, names), _endings(facts), _abandoning(facts), _weekly(facts),
    )  # fmt: skip


def _kinds(facts: Facts) -> Chart:
    counts = _by_kind(facts)
    codes = [code for code, _ in counts.most_common()]
    return _bars(
        "soorten",
        _title(counts, codes, "kind", "Doorverwijzingen gaan het vaakst naar {first}"),
        "Doorverwijzingen per soort dienst. Eén contact kan meer dan één dienst krijgen.",
        "Soort dienst",
        "Doorverwijzingen",
        [(name_of("kind", code), counts[code], "") for code in codes],
        size="most",
    )


def _services(facts: Facts, names: Names) -> Chart:
    kinds = _group({(kind, names.services.get(service, service)): n for (kind, service), n in facts.services.items()})
    groups = [(name_of("kind", kind), inside) for kind, inside in kinds]
    bars, rows = _grouped(groups, "andere diensten samen")
    title = TOO_FEW
    if facts.services.total() >= ENOUGH and len(bars) > 1:
        first, second = bars[:2]
        title = f"{first.label} kreeg de meeste mensen"
        if not differs(int(first.width), int(second.width)):
            title = f"{first.label} en {second.label} kregen ongeveer evenveel mensen"
    return Chart(
        "diensten",
        title,
        "De tien diensten met de meeste doorverwijzingen. De tabel heeft elke dienst vanaf 10.",
        Table("Doorverwijzingen per dienst", ("Soort", "Dienst", "Doorverwijzingen"), rows, 2),
        bars=_scaled(bars[:10]),
    )


def _places(facts: Facts, names: Names) -> Chart:
    counts: Counter[str] = Counter()
    inside: dict[tuple[str, str], int] = {}
    for code, count in facts.places.items():
        municipality, province = names.place(code) if code else ("", UNKNOWN_PLACE)
        counts[province] += count
        if province != UNKNOWN_PLACE:
            inside[(province, municipality)] = inside.get((province, municipality), 0) + count
    known = [province for province, _ in counts.most_common() if province != UNKNOWN_PLACE]
    order = [*known, *([UNKNOWN_PLACE] if counts[UNKNOWN_PLACE] else [])]
    cells = dict(zip(order, protect([counts[one] for one in order]), strict=True))
    rows = []
    groups = dict(_group(inside))
    for province in order:
        rows.append((province, "alle gemeenten", cells[province].text))
        if cells[province].shown is not None and province in groups:
            rows += [
                (province, place, cell.text) for place, cell in _members(groups[province], "andere gemeenten samen")
            ]
    known_total = sum(counts[one] for one in known)
    title = _title(counts, known, "", "{first} telt de meeste contacten met een gekende plaats")
    if counts[UNKNOWN_PLACE] > known_total >= ENOUGH:
        title = "Van de meeste contacten is de plaats niet gekend"
    return Chart(
        "plaatsen",
        title,
        "Waar de mensen wonen of zijn om wie het gaat. De tabel heeft ook de gemeenten met 10 contacten of meer.",
        Table("Contacten per provincie en gemeente", ("Provincie", "Gemeente", "Contacten"), tuple(rows), 2),
        bars=_scaled([_bar(one, cells[one], "plain" if one == UNKNOWN_PLACE else "") for one in order]),
    )


def _themes(facts: Facts) -> Chart:
    codes = sorted(THEMES, key=lambda code: -facts.themes[code])
    rows = [(name_of("theme", code), facts.themes[code], "") for code in codes]
    rows.append(("geen thema", facts.themeless, "plain"))
    share = f" ({percent(facts.themes[codes[0]] / facts.contacts)})" if facts.contacts else ""
    return _bars(
        "themas",
        _title(facts.themes, codes, "theme", "{first} komt het vaakst voor" + share),
        "Contacten per thema. Eén contact kan meer dan één thema hebben.",
        "Thema",
        "Contacten",
        rows,
        total=facts.contacts,
    )


def _levels(facts: Facts) -> Chart:
    acute, contacts = facts.levels["acute"], facts.contacts
    title = TOO_FEW
    if contacts >= ENOUGH and may_show((acute, contacts - acute)):
        title = f"{percent(acute / contacts)} van de contacten is acuut"
    return _bars(
        "ernst",
        title,
        f"Contacten per ernst, zoals ze eindigden. Acuut: {between(wilson(acute, contacts))}."
        if title != TOO_FEW
        else "Contacten per ernst, zoals ze eindigden.",
        "Ernst",
        "Contacten",
        [
            (name_of("level", level), facts.levels[level], {"acute": "acute", "none": "plain"}.get(level, ""))
            for level in reversed(LEVELS)
        ],
        size="third",
    )


def _channels(facts: Facts) -> Chart:
    codes = sorted(facts.channels, key=lambda code: -facts.channels[code])
    pattern = {"phone": "De meeste mensen bellen", "chat": "De meeste mensen chatten"}.get(
        codes[0] if codes else "", ""
    )
    return _bars(
        "kanalen",
        _title(facts.channels, codes, "channel", pattern),
        "Contacten per kanaal.",
        "Kanaal",
        "Contacten",
        [(name_of("channel", code), facts.channels[code], "") for code in codes],
        size="third",
    )


def _roles(facts: Facts) -> Chart:
    known = sorted((r for r in ROLES if r != "unknown"), key=lambda code: -facts.roles[code])
    plural = {
        "victim": "Slachtoffers", "bystander": "Omstaanders", "perpetrator": "Plegers", "professional": "Professionals",
    }  # fmt: skip
    return _bars(
        "rollen",
        _title(facts.roles, known, "role", f"{plural[known[0]]} zoeken het vaakst contact"),
        "Contacten per rol van wie contact zoekt.",
        "Rol",
        "Contacten",
        [
            (name_of("role", code), facts.roles[code], "plain" if code == "unknown" else "")
            for code in (*known, "unknown")
        ],
        size="third",
    )


def _endings(facts: Facts) -> Chart:
    order = (
        "referred", "helped", "emergency", "no_contact", "misuse", "ended_by_contact", "exit_button", "connection_lost",
    )  # fmt: skip
    by_operator = sum(facts.outcomes[code] for code in order[:3])
    title = TOO_FEW
    if facts.contacts >= ENOUGH and may_show((by_operator, facts.contacts - by_operator)):
        title = f"{percent(by_operator / facts.contacts)} eindigde met hulp of een doorverwijzing"
    rows = [(name_of("outcome", code), facts.outcomes[code], "plain" if code in order[3:] else "") for code in order]
    if facts.outcomes[None]:
        rows.append(("nog bezig", facts.outcomes[None], "plain"))
    return _bars(
        "einde",
        title,
        "Hoe contacten eindigden. Wie zelf of plots wegging, staat apart en telt nooit als geholpen.",
        "Einde",
        "Contacten",
        rows,
    )


def _waiting(facts: Facts) -> Chart:
    middle: list[float | None] = []
    slow: list[float | None] = []
    rows, late, told = [], 0, 0
    cells = protect([len(week.acute_waits) for week in facts.weeks])
    for week, cell in zip(facts.weeks, cells, strict=True):
        waits = Waits(week.acute_waits)
        half = waits.quantile(0.5).value if cell.shown is not None and waits.count >= FLOOR else None
        most = waits.quantile(0.95) if cell.shown is not None and waits.count >= FOR_P95 else Range(None, None, None)
        middle.append(half)
        slow.append(most.value)
        if cell.shown is not None and waits.count >= FOR_P95:
            told += 1
            late += most.value is None or most.value > TARGET
        rows.append(
            (
                week_text(week.start),
                cell.text,
                time_text(half),
                time_text(most.value),
                between_times(most) if most.value else "–",
            )
        )
    return Chart(
        "wachttijd",
        _waiting_title(late, told),
        "Wachttijd van acute contacten per week, in minuten. Doel: 19 van de 20 (p95) binnen een minuut.",
        Table(
            "Wachttijd van acute contacten per week",
            ("Week van", "Acute contacten", "Helft binnen (p50)", "19 van de 20 binnen (p95)", "Marge"),
            tuple(rows),
        ),
        drawing=draw.Lines(
            _waiting_title(late, told) + ". De tabel hieronder heeft de getallen.",
            tuple(week.start for week in facts.weeks),
            (draw.Series("p95", tuple(slow), "main"), draw.Series("p50", tuple(middle), "light")),
            TARGET,
        ),
        legend=(
            ("main", "19 van de 20 binnen (p95)"),
            ("light", "helft binnen (p50)"),
            ("goal", f"doel {weeks.duration(TARGET)}"),
        ),
        note=f"p95 vanaf {FOR_P95} acute contacten per week, p50 vanaf {FLOOR}. "
        "Wie afhaakte of nog wacht, telt mee voor de tijd die hij wachtte.",
        size="least",
    )


def _waiting_title(late: int, told: int) -> str:
    if told == 0:
        return "Te weinig acute contacten per week om iets te besluiten"
    if late == 0:
        return "Acute contacten wachten bijna nooit langer dan een minuut"
    if late == told:
        return "Elke week wacht 1 op 20 acute contacten langer dan een minuut"
    return f"In {late} van de {told} weken wachtte 1 op 20 acute contacten langer dan een minuut"


def _routes(facts: Facts) -> Chart:
    """Theme by kind of service. A kind that the chart of kinds hides is no column here either."""
    counts = _by_kind(facts)
    ranked = [kind for kind, _ in counts.most_common()]
    cells = dict(zip(ranked, protect([counts[kind] for kind in ranked]), strict=True))
    kinds = [kind for kind in ranked if cells[kind].shown][:7]
    others = [kind for kind in ranked if kind not in kinds]
    themes = [theme for theme in (*THEMES, "") if any(facts.routes[(theme, kind)] for kind in ranked)]
    columns = []
    for group in [[kind] for kind in kinds] + ([others] if others else []):
        inside = [sum(facts.routes[(theme, kind)] for kind in group) for theme in themes]
        columns.append(protect(inside, total=sum(counts[kind] for kind in group)))
    most = max((cell.shown or 0 for column in columns for cell in column), default=0) or 1
    heads = [name_of("kind", kind) for kind in kinds] + (["andere"] if others else [])
    table = [[column[row] for column in columns] for row in range(len(themes))]
    names = [name_of("theme", theme) if theme else "geen thema" for theme in themes]
    return Chart(
        "wegen",
        _routes_title(facts, kinds),
        "Doorverwijzingen per thema en soort dienst. Een contact met twee thema’s staat in twee rijen.",
        Table(
            "Doorverwijzingen per thema en soort dienst",
            ("Thema", *heads),
            tuple((name, *(cell.text for cell in line)) for name, line in zip(names, table, strict=True)),
        ),
        heat=tuple(tuple(ceil(4 * (cell.shown or 0) / most) for cell in line) for line in table),
        size="wide",
    )


def _by_kind(facts: Facts) -> Counter[str]:
    counts: Counter[str] = Counter()
    for (kind, _), count in facts.services.items():
        counts[kind] += count
    return counts


def _routes_title(facts: Facts, kinds: Sequence[str]) -> str:
    """For the two largest themes: where they went most, when that is clear."""
    said = []
    for theme in sorted(THEMES, key=lambda code: -facts.themes[code])[:2]:
        to = sorted(kinds, key=lambda kind: -facts.routes[(theme, kind)])
        if not to or facts.routes[(theme, to[0])] < ENOUGH:
            continue
        second = facts.routes[(theme, to[1])] if len(to) > 1 else 0
        if differs(facts.routes[(theme, to[0])], second):
            said.append((theme, to[0]))
    if not said:
        return TOO_FEW if facts.services.total() < ENOUGH else "Geen thema gaat duidelijk naar één soort dienst"
    words = [f"{name_of('theme', theme)} gaat vooral naar {with_article(kind)}" for theme, kind in said]
    return capital("; ".join(words))


def _abandoning(facts: Facts) -> Chart:
    cells = protect([week.abandoned for week in facts.weeks])
    columns, rows = [], []
    for week, cell in zip(facts.weeks, cells, strict=True):
        of = single(week.called)
        share = wilson(week.abandoned, week.called)
        if cell.shown is not None and of.shown:
            columns.append(draw.Column(share.value, share.low, share.high))
            said = (percent(share.value), between(share))
        elif of.shown and cell.state == "small":
            columns.append(draw.Column(None, None, min(1.0, FLOOR / week.called)))
            said = (f"minder dan {percent(min(1.0, FLOOR / week.called))}", "–")
        else:
            columns.append(draw.Column(None, None, None))
            said = ("–", "–")
        rows.append((week_text(week.start), of.text, cell.text, *said))
    title = _abandoning_title(facts)
    return Chart(
        "afhaken",
        title,
        "Deel van wie op een medewerker wachtte en wegging voor er iemand kwam, per week.",
        Table("Afhaken per week", ("Week van", "Op een medewerker gewacht", "Afgehaakt", "Deel", "Marge"), tuple(rows)),
        drawing=draw.Columns(
            title + ". De tabel hieronder heeft de getallen.", tuple(week.start for week in facts.weeks), tuple(columns)
        ),
        legend=(
            ("column", "deel dat afhaakte, met marge"),
            ("unsure", f"minder dan {FLOOR} mensen: hoogstens dit deel"),
        ),
    )


def _abandoning_title(facts: Facts) -> str:
    """The first half of the period beside the second: a trend only when their intervals do not touch."""
    half = len(facts.weeks) // 2
    first, then = facts.weeks[:half], facts.weeks[half:]
    shares = [(sum(w.abandoned for w in part), sum(w.called for w in part)) for part in (first, then)]
    if any(of < ENOUGH for _, of in shares):
        return TOO_FEW
    early, late = (wilson(hits, of) for hits, of in shares)
    if late.low is not None and early.high is not None and late.low > early.high:
        return "Er haken meer mensen af dan in de eerste helft van de periode"
    if late.high is not None and early.low is not None and late.high < early.low:
        return "Er haken minder mensen af dan in de eerste helft van de periode"
    return "Het afhaken verandert niet duidelijk"


def _weekly(facts: Facts) -> Chart:
    cells = protect([week.contacts for week in facts.weeks])
    shown = [cell.shown for cell in cells if cell.shown is not None]
    title = TOO_FEW
    if facts.contacts >= ENOUGH and len(shown) == len(cells):
        title = f"Elke week tussen {thousands(min(shown))} en {thousands(max(shown))} contacten"
    return Chart(
        "weken",
        title,
        "Contacten per week, van maandag tot zondag.",
        Table(
            "Contacten per week",
            ("Week van", "Contacten"),
            tuple((week_text(week.start), cell.text) for week, cell in zip(facts.weeks, cells, strict=True)),
        ),
        drawing=draw.Lines(
            title + ". De tabel hieronder heeft de getallen.",
            tuple(week.start for week in facts.weeks),
            (draw.Series("contacten", tuple(None if c.shown is None else float(c.shown) for c in cells), "main"),),
            in_seconds=False,
        ),
    )


def _title(counts: Mapping[str, int], ranked: Sequence[str], table: str, pattern: str) -> str:
    """The answer of a chart of bars: what is largest, when it is clearly so."""
    total = sum(counts.get(code, 0) for code in ranked)
    if total < ENOUGH or not ranked:
        return TOO_FEW
    first = ranked[0]
    names = [name_of(table, code) if table else code for code in ranked[:2]]
    if len(ranked) > 1 and not differs(counts.get(first, 0), counts.get(ranked[1], 0)):
        return capital(f"{names[0]} en {names[1]} komen ongeveer even vaak voor")
    return capital(pattern.format(first=with_article(first) if table == "kind" else names[0]))


def _bars(
    name: str,
    title: str,
    about: str,
    first: str,
    second: str,
    rows: Sequence[tuple[str, int, str]],
    *,
    total: int | None = None,
    size: str = "half",
) -> Chart:
    """A chart of one list of counts: (label, count, tone). `total`: see `suppress.protect`."""
    cells = protect([count for _, count, _ in rows], total=total)
    whole = total if total is not None else sum(count for _, count, _ in rows)
    table = tuple(
        (label, cell.text, percent(cell.shown / whole) if cell.shown is not None and whole else "–")
        for (label, _, _), cell in zip(rows, cells, strict=True)
    )
    bars = [_bar(label, cell, tone) for (label, _, tone), cell in zip(rows, cells, strict=True)]
    columns = (first, second, "Deel")
    return Chart(
        name, title, about, Table(f"{second} per {first.lower()}", columns, table), bars=_scaled(bars), size=size
    )


def _bar(label: str, cell: Cell, tone: str = "") -> Bar:
    return Bar(label, cell.text, float(cell.shown or 0), cell.shown is not None, tone)


def _scaled(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """From counts to widths in percent of the longest."""
    found = list(bars)
    top = max((bar.width for bar in found), default=0) or 1
    return tuple(Bar(b.label, b.text, round(100 * b.width / top, 1), b.shown, b.tone) for b in found)


def _group(counts: Mapping[tuple[str, str], int]) -> list[tuple[str, dict[str, int]]]:
    """(group, member) counts as groups, the largest first, with their members, the largest first."""
    groups: dict[str, dict[str, int]] = {}
    for (group, member), count in sorted(counts.items(), key=lambda one: (-one[1], one[0])):
        groups.setdefault(group, {})[member] = count
    return sorted(groups.items(), key=lambda one: (-sum(one[1].values()), one[0]))


def _members(inside: Mapping[str, int], rest: str) -> list[tuple[str, Cell]]:
    """Members with enough contacts by name; the others together, unnamed and uncounted. The group's total is known."""
    named = [(label, count) for label, count in inside.items() if count >= FLOOR]
    others = sum(count for count in inside.values() if count < FLOOR)
    rows = [*named, (rest, others)]
    cells = protect([count for _, count in rows])
    return [(label, cell) for (label, _), cell in zip(rows, cells, strict=True)]


def _grouped(
    groups: Sequence[tuple[str, dict[str, int]]], rest: str
) -> tuple[list[Bar], tuple[tuple[str, str, str], ...]]:
    """Bars of all named members, the largest first, and table rows per group. A hidden group hides its members."""
    cells = protect([sum(inside.values()) for _, inside in groups])
    bars: list[Bar] = []
    rows: list[tuple[str, str, str]] = []
    for (group, inside), cell in zip(groups, cells, strict=True):
        rows.append((group, "alle samen", cell.text))
        if cell.shown is None:
            continue
        for label, member in _members(inside, rest):
            rows.append((group, label, member.text))
            if label != rest and member.shown is not None:
                bars.append(_bar(label.rpartition(": ")[2], member))
    return sorted(bars, key=lambda bar: -bar.width), tuple(rows)
