"""Fictional contacts, to try the page and to measure it. Nobody in here exists.

The mix follows data/figures_1712.csv where that says something (channels, themes, who contacts the line, a little over
9,000 contacts a year); the rest is plausible and no more. Every number starts with MARK, which a real one never does.
Only codes are written: these contacts have no words, so their logs hold no messages.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from sqlalchemy import Connection, delete, insert, select

from backend.db.tables import conversations, events, referrals
from backend.kit.times import BRUSSELS

MARK: Final = "VB-"  # "voorbeeld"; numbers of real contacts are five letters and figures, never a dash
PER_YEAR: Final = 9_045  # 1712 in 2022
CHUNK: Final = 2_000

_THEMES: Final = (
    (("child_maltreatment",), 38), (("partner_violence",), 13), (("partner_violence", "child_maltreatment"), 6),
    (("child_maltreatment", "sexual_violence"), 7), (("sexual_violence",), 6), (("elder_abuse",), 3),
    (("family_violence",), 6), (("partner_violence", "stalking"), 3), (("stalking",), 2),
    (("child_maltreatment", "high_conflict_divorce"), 5), (("high_conflict_divorce",), 2),
    (("honour_violence",), 0.4), (("other_violence",), 4), ((), 5),
)  # fmt: skip
_LEVELS: Final = (("acute", 16), ("serious", 45), ("concern", 39))
_ROLES: Final = (("victim", 37), ("bystander", 42), ("professional", 8), ("perpetrator", 3), ("unknown", 10))
_KINDS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "partner_violence": (("caw", 70), ("veilig_huis", 14), ("zsg", 2), ("justitiehuis", 4), ("helpline", 4)),
    "child_maltreatment": (("vk", 68), ("caw", 16), ("helpline", 10), ("veilig_huis", 6)),
    "sexual_violence": (("zsg", 62), ("vk", 14), ("caw", 14), ("helpline", 10)),
    "elder_abuse": (("expert_centre", 46), ("caw", 30), ("ocmw", 24)),
    "high_conflict_divorce": (("caw", 62), ("vk", 12), ("justitiehuis", 16), ("ocmw", 10)),
    "": (("helpline", 44), ("caw", 34), ("ocmw", 22)),
}
_SERVICES: Final = {
    "expert_centre": ("vloco",),
    "helpline": ("106", "102", "1813", "stop-it-now"),
    "zsg": ("zsg-gent", "zsg-antwerpen", "zsg-brussel", "zsg-leuven", "zsg-roeselare", "zsg-limburg"),
}
# Province, what part of the known places it is, its largest municipalities, its CAW, VK, Veilig Huis and justitiehuis.
_PROVINCES: Final[tuple[tuple[float, tuple[str, ...], dict[str, tuple[str, ...]]], ...]] = (
    (29, ("11002", "12025", "13040", "11040", "11023", "12021", "11013"), {
        "caw": ("caw-antwerpen", "caw-boom-mechelen-lier", "caw-de-kempen"), "vk": ("vk-antwerpen",),
        "veilig_huis": ("veilig-huis-antwerpen", "veilig-huis-mechelen"), "justitiehuis": ("justitiehuis-antwerpen",)}),
    (24, ("44021", "46021", "41002", "45035", "42006", "43005", "41018"), {
        "caw": ("caw-oost-vlaanderen",), "vk": ("vk-oost-vlaanderen",),
        "veilig_huis": ("veilig-huis-oost-vlaanderen",), "justitiehuis": ("justitiehuis-gent",)}),
    (17, ("31005", "34022", "36015", "35013", "33011", "36008"), {
        "caw": ("caw-noord-west-vlaanderen", "caw-centraal-west-vlaanderen", "caw-zuid-west-vlaanderen"),
        "vk": ("vk-west-vlaanderen",), "veilig_huis": ("veilig-huis-noord-west-vlaanderen",),
        "justitiehuis": ("justitiehuis-brugge",)}),
    (15, ("24062", "23088", "24107", "23027", "24020"), {
        "caw": ("caw-oost-brabant", "caw-halle-vilvoorde"), "vk": ("vk-vlaams-brabant",),
        "veilig_huis": ("veilig-huis-leuven",), "justitiehuis": ("justitiehuis-leuven",)}),
    (12, ("71016", "71072", "72020", "73111", "71053"), {
        "caw": ("caw-limburg",), "vk": ("vk-limburg",), "veilig_huis": ("veilig-huis-limburg",),
        "justitiehuis": ("justitiehuis-hasselt",)}),
    (3, ("21004", "21001", "21012", "21015"), {
        "caw": ("caw-brussel",), "vk": ("vk-brussel",), "veilig_huis": ("veilig-huis-halle-vilvoorde",),
        "justitiehuis": ("justitiehuis-brussel",)}),
)  # fmt: skip


def insert_sample(connection: Connection, n: int, now: datetime, seed: int = 1712, *, waiting: int = 0) -> int:
    """Write `n` contacts that ended, spread back from `now` at the pace of 1712, and `waiting` that wait now.

    Replaces an earlier sample. Contacts that wait are for screenshots: an operator would see them on the queue.
    """
    remove_sample(connection)
    made = _contacts(Random(seed), n, now, waiting)
    rows: list[dict[str, Any]] = []
    sent: list[dict[str, Any]] = []
    log: list[dict[str, Any]] = []
    for row, its_referrals, its_events in made:
        rows.append(row)
        sent += its_referrals
        log += its_events
        if len(rows) >= CHUNK:
            _write(connection, rows, sent, log)
    _write(connection, rows, sent, log)
    return n + waiting


def remove_sample(connection: Connection) -> int:
    """Take every fictional contact out again. Gives how many there were."""
    marked = select(conversations.c.id).where(conversations.c.number.startswith(MARK, autoescape=True))
    for table in (events, referrals):
        connection.execute(delete(table).where(table.c.conversation.in_(marked)))
    return connection.execute(delete(conversations).where(conversations.c.id.in_(marked))).rowcount


def _write(connection: Connection, *lists: list[dict[str, Any]]) -> None:
    for table, rows in zip((conversations, referrals, events), lists, strict=True):
        if rows:
            connection.execute(insert(table), rows)
            rows.clear()


def _one(random: Random, weighted: tuple[tuple[Any, float], ...]) -> Any:
    return random.choices([value for value, _ in weighted], [weight for _, weight in weighted])[0]


def _contacts(
    random: Random, n: int, now: datetime, waiting: int
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]]:
    span = max(1.0, n * 365 / PER_YEAR)  # days
    for index, started in enumerate(sorted(_moment(random, now, span) for _ in range(n))):
        yield _contact(random, index, started, ended=True)
    for index in range(waiting):
        ago = timedelta(seconds=random.choice((25, 70, 140, 260, 520)) + random.random() * 20)
        yield _contact(random, n + index, now - ago, ended=False)


def _moment(random: Random, now: datetime, span: float) -> datetime:
    """Working hours mostly, the evening less, the night and the weekend seldom; slowly more over a year."""
    while True:
        at = now - timedelta(days=span * random.random() ** 1.03, minutes=45)
        local = at.astimezone(BRUSSELS)
        busy = 1.0 if 9 <= local.hour < 17 else 0.45 if 17 <= local.hour < 22 else 0.05
        if random.random() < busy * (0.25 if local.weekday() > 4 else 1):
            return at


def _contact(
    random: Random, index: int, started: datetime, *, ended: bool
) -> tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]]]:
    themes: tuple[str, ...] = _one(random, _THEMES)
    level: str = _one(random, _LEVELS) if themes else random.choice(("none", "none", "concern"))
    channel = "phone" if random.random() < 0.71 else "chat"
    language = _one(random, (("nl", 94), ("fr", 3), ("en", 3)))
    role: str = _one(random, _ROLES) if themes else "unknown"
    minor = role in ("victim", "unknown") and random.random() < 0.2
    place, doors = _place(random)
    id, number = f"{random.getrandbits(128):032x}", f"{MARK}{index:05x}"[:8]

    log: list[dict[str, Any]] = []

    def happen(type_: str, at: datetime, **data: Any) -> None:
        log.append({"conversation": id, "seq": len(log) + 1, "type": type_, "data": data, "at": at})

    happen("started", started, number=number, channel=channel, language=language)
    assessment = {
        "language": language, "themes": list(themes), "role": role, "level": level,
        "caller_is_minor": minor, "places": [place] if place else [],
    }  # fmt: skip
    at = started + timedelta(seconds=random.uniform(3, 12))
    happen("assessed", at, about=1, assessment=assessment)
    calls = not ended or level == "acute" or random.random() < 0.9
    called = claimed = finished = None
    outcome: str | None = None
    abandoned = False
    sent: list[dict[str, Any]] = []
    if calls:
        called = at + timedelta(seconds=0 if level == "acute" else random.uniform(5, 120))
        happen("called", called, reason="acute" if level == "acute" else "asked", floor="nobody")
    if ended:
        patience, wait = _wait(random, level)
        if called is None:
            finished = at + timedelta(minutes=random.uniform(1, 6))
            outcome = _leave(random, happen, finished)
        elif patience < wait:
            finished, abandoned = called + timedelta(seconds=patience), True
            outcome = _leave(random, happen, finished)
        else:
            claimed = called + timedelta(seconds=wait)
            happen("claimed", claimed, operator=1, name="Proef")
            finished = claimed + timedelta(minutes=random.lognormvariate(3.0, 0.5))
            sent = _referrals(random, id, themes, doors, claimed, happen)
            outcome = _finish(random, happen, finished, level, bool(sent))
    row = {
        "id": id, "seq": len(log), "number": number, "channel": channel, "language": language,
        "status": "ended" if ended else "waiting", "level": level, "themes": list(themes), "role": role, "minor": minor,
        "place": place, "operator": 1 if claimed else None, "started_at": started, "called_at": called,
        "claimed_at": claimed, "ended_at": finished, "outcome": outcome, "abandoned": abandoned,
    }  # fmt: skip
    return row, sent, log


def _wait(random: Random, level: str) -> tuple[float, float]:
    """(patience, wait until somebody comes), in seconds."""
    if level == "acute":
        return random.expovariate(1 / 420) + 5, random.lognormvariate(2.75, 0.58) + 2
    return random.expovariate(1 / 1500) + 10, random.lognormvariate(4.1, 0.8)


def _place(random: Random) -> tuple[str | None, dict[str, tuple[str, ...]]]:
    share = random.choices(_PROVINCES, [province[0] for province in _PROVINCES])[0]
    known = random.random() < 0.62
    weights = [1 / (rank + 1) for rank in range(len(share[1]))]
    return (random.choices(share[1], weights)[0] if known else None), share[2]


def _leave(random: Random, happen: Any, at: datetime) -> str:
    how, outcome = _one(
        random, ((("exit", "exit_button"), 30), (("end", "ended_by_contact"), 45), (("lost", "connection_lost"), 25))
    )
    happen("left", at, how=how)
    return str(outcome)


def _finish(random: Random, happen: Any, at: datetime, level: str, sent: bool) -> str:
    if random.random() < 0.09:
        return _leave(random, happen, at)
    outcome = "referred" if sent else _one(random, (("helped", 80), ("no_contact", 14), ("misuse", 6)))
    if level == "acute" and random.random() < 0.22:
        outcome = "emergency"
    happen("closed", at, operator=1, name="Proef", outcome=outcome)
    return str(outcome)


def _referrals(
    random: Random, id: str, themes: tuple[str, ...], doors: dict[str, tuple[str, ...]], at: datetime, happen: Any
) -> list[dict[str, Any]]:
    if random.random() > 0.74:
        return []
    kinds: list[str] = []
    for theme in themes[: 2 if random.random() < 0.3 else 1] or ("",):
        kind = _one(random, _KINDS.get(theme, _KINDS["" if not theme else "partner_violence"]))
        if kind not in kinds:
            kinds.append(kind)
    sent: list[dict[str, Any]] = []
    for minutes, kind in enumerate(kinds, 4):
        service = "ocmw-11002" if kind == "ocmw" else random.choice(_SERVICES.get(kind) or doors[kind])
        moment = at + timedelta(minutes=minutes / 3)
        happen("referred", moment, operator=1, name="Proef", service=service, kind=kind, card={})
        seq = 5 + len(sent)  # started, assessed, called, claimed come first
        sent.append({"conversation": id, "seq": seq, "service": service, "kind": kind, "at": moment})
    return sent
