"""The counts, from a real SQLite and a real PostgreSQL, with contacts whose answer is known by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from backend.conversations import events as e
from backend.conversations.log import row_of
from backend.conversations.state import fold
from backend.db import tables as t
from backend.db.session import Database
from backend.stats import queries, sample, weeks
from backend.stats.facts import Names

NOW = datetime(2026, 11, 25, 13, 2, tzinfo=UTC)  # a Wednesday
NAMES = Names(
    {"caw-antwerpen": "CAW Antwerpen", "vk-antwerpen": "VK Antwerpen"},
    {"11002": ("Antwerpen", "Antwerpen"), "44021": ("Gent", "Oost-Vlaanderen")},
)


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    db = Database(database_url.replace("postgresql://", "postgresql+psycopg://"))
    t.metadata.create_all(db.engine)
    yield db
    db.close()


_made = 0


def contact(started: datetime, **changes: Any) -> dict[str, Any]:
    global _made
    _made += 1
    return {
        "id": f"{_made:032x}",
        "seq": 1,
        "number": f"{_made:05}",
        "channel": "chat",
        "language": "nl",
        "status": "ended",
        "level": "concern",
        "themes": [],
        "role": "unknown",
        "minor": False,
        "place": None,
        "operator": None,
        "started_at": started,
        "called_at": None,
        "claimed_at": None,
        "ended_at": started + timedelta(minutes=9),
        "outcome": "helped",
        "abandoned": False,
    } | changes


def write(db: Database, *rows: dict[str, Any]) -> None:
    db.write_now(lambda c: c.execute(insert(t.conversations), list(rows)))


def waiting(ago: int, level: str = "concern", **changes: Any) -> dict[str, Any]:
    at = NOW - timedelta(seconds=ago)
    return contact(at, status="waiting", level=level, called_at=at, ended_at=None, outcome=None, **changes)


def test_now_says_who_waits_and_how_long(db: Database) -> None:
    write(
        db,
        waiting(41, "acute"),
        waiting(300),
        waiting(125),
        contact(NOW, status="bot", ended_at=None, outcome=None),
        contact(NOW, status="operator", operator=1, claimed_at=NOW, ended_at=None, outcome=None),
        contact(NOW - timedelta(days=1), level="acute"),
    )
    now = db.read_now(lambda c: queries.now_figures(c, NOW))
    assert [(one.level, one.count, one.longest) for one in now.waiting] == [
        ("acute", 1, "0:41"),
        ("serious", 0, ""),
        ("concern", 2, "5:00"),
        ("none", 0, ""),
    ]
    assert (now.waiting_total, now.with_bot, now.with_operator, now.available) == (3, 1, 1, 0)
    assert now.sentence == "1 acuut contact wacht op een medewerker, tot nu toe 0:41."
    assert dict(now.today) == {"contacten": "5", "acuut": "1", "doorverwezen": "0", "afgehaakt": "0"}


def test_who_was_handed_back_waits_since_then(db: Database) -> None:
    row = waiting(3600, claimed_at=NOW - timedelta(seconds=3500))
    write(db, row)
    back = {"operator": 1, "name": "An", "to": "queue"}
    logged = [(1, NOW - timedelta(seconds=2000)), (2, NOW - timedelta(seconds=90))]
    db.write_now(
        lambda c: c.execute(
            insert(t.events),
            [{"conversation": row["id"], "seq": s, "type": "handed_back", "data": back, "at": at} for s, at in logged],
        )
    )
    now = db.read_now(lambda c: queries.now_figures(c, NOW))
    assert {one.level: one.longest for one in now.waiting}["concern"] == "1:30"


def test_only_people_with_a_living_console_are_at_work(db: Database) -> None:
    person = {"password": "", "totp": b"", "totp_step": 0, "role": "operator", "active": True}

    def people(connection: Any) -> None:
        for number, (available, seen) in enumerate(((True, 5), (True, 300), (False, 5)), 1):
            one = {"id": number, "name": "An", "username": f"an{number}", "available": available}
            connection.execute(insert(t.operators).values(**person, **one))
            at = NOW - timedelta(seconds=seen)
            for tab in "ab":
                session = {"hash": f"{number}{tab}", "operator": number, "created_at": at, "seen_at": at}
                connection.execute(insert(t.sessions).values(**session))

    db.write_now(people)
    assert db.read_now(lambda c: queries.now_figures(c, NOW)).available == 1


def test_a_period_counts_each_contact_once_and_in_its_week(db: Database) -> None:
    since, until = weeks.last_weeks(NOW, 4)
    both = ["partner_violence", "child_maltreatment"]
    # Sunday 23:30 in Brussels is still that week; half an hour later it is the next one, and this week is not over.
    last = contact(until - timedelta(minutes=30), level="acute", themes=both, place="11002", channel="phone")
    last |= {"called_at": last["started_at"], "claimed_at": last["started_at"] + timedelta(seconds=30)}
    gone = contact(since, abandoned=True, called_at=since, outcome="exit_button", level="acute")
    gone |= {"ended_at": since + timedelta(seconds=20)}
    write(db, last, gone, contact(until), contact(since - timedelta(seconds=1)))
    for seq, (service, kind) in enumerate((("caw-antwerpen", "caw"), ("vk-antwerpen", "vk")), 5):
        row = {"conversation": last["id"], "seq": seq, "service": service, "kind": kind, "at": until}
        db.write_now(lambda c, row=row: c.execute(insert(t.referrals).values(**row)))
    facts = db.read_now(lambda c: queries.read_period(c, since, until, now=NOW))
    assert (facts.contacts, facts.previous, facts.called, facts.claimed, facts.abandoned) == (2, 1, 2, 1, 1)
    assert [week.contacts for week in facts.weeks] == [1, 0, 0, 1]
    assert facts.themes == {"partner_violence": 1, "child_maltreatment": 1}
    assert facts.themeless == 1
    assert facts.places == {"11002": 1, None: 1}
    assert facts.outcomes == {"helped": 1, "exit_button": 1}
    assert sorted((wait.seconds, wait.answered) for wait in facts.acute_waits) == [(20, False), (30, True)]
    assert facts.acute_abandoned == 1
    assert facts.services == {("caw", "caw-antwerpen"): 1, ("vk", "vk-antwerpen"): 1}
    assert facts.routes[("child_maltreatment", "vk")] == 1
    assert facts.referred == 1


def test_who_waits_since_then_is_counted_until_now(db: Database) -> None:
    since, until = weeks.last_weeks(NOW, 4)
    at = until - timedelta(hours=1)
    write(db, contact(at, level="acute", status="waiting", called_at=at, ended_at=None, outcome=None))
    facts = db.read_now(lambda c: queries.read_period(c, since, until, now=NOW))
    assert facts.acute_waits[0].seconds == (NOW - at).total_seconds()
    assert not facts.acute_waits[0].answered


def test_the_sample_is_what_its_own_log_says_and_leaves_no_trace(db: Database) -> None:
    """Every fictional row could have been made by the real log, and `helpline rebuild` gives the same rows."""
    real = contact(NOW - timedelta(days=9), place="11002")
    write(db, real)
    db.write_now(lambda c: sample.insert_sample(c, 300, NOW, 7, waiting=3))
    with db.engine.connect() as connection:
        rows = {row["id"]: dict(row) for row in connection.execute(select(t.conversations)).mappings()}
        logs: dict[str, list[Any]] = {}
        for entry in connection.execute(select(t.events).order_by(t.events.c.conversation, t.events.c.seq)):
            logs.setdefault(entry.conversation, []).append((entry.seq, entry.at, e.parse(entry.type, entry.data)))
        sent = {(one.conversation, one.seq): one.kind for one in connection.execute(select(t.referrals))}
    assert len(rows) == 304
    del rows[real["id"]]
    for id, row in rows.items():
        assert row["number"].startswith(sample.MARK)
        assert row_of(fold(id, logs[id])) == row
        assert [seq for seq, _, _ in logs[id]] == list(range(1, row["seq"] + 1))
    found = {(id, seq): ev.kind for id, log in logs.items() for seq, _, ev in log if isinstance(ev, e.Referred)}
    assert found == sent

    again = db.write_now(lambda c: sample.insert_sample(c, 300, NOW, 7, waiting=3))
    assert again == 303
    with db.engine.connect() as connection:
        assert {row["id"] for row in connection.execute(select(t.conversations)).mappings()} == {*rows, real["id"]}
    assert db.write_now(sample.remove_sample) == 303
    with db.engine.connect() as connection:
        assert [row.id for row in connection.execute(select(t.conversations.c.id))] == [real["id"]]
        assert connection.execute(select(t.events)).all() == connection.execute(select(t.referrals)).all() == []


def test_names_come_from_the_directory_in_the_database(db: Database) -> None:
    rows = [
        ("services", {"id": "caw-antwerpen", "name": "CAW Antwerpen"}),
        ("ocmw", {"nis_code": "11002", "name": "OCMW Antwerpen"}),
        ("municipalities", {"nis_code": "21004", "name_nl": "Brussel", "province": ""}),
        ("gelderland_zuid", {"cbs_code": "GM0268", "municipality": "Nijmegen", "province": "Gelderland"}),
        ("postal_codes", {"postal_code": "1000"}),
    ]
    db.write_now(
        lambda c: c.execute(
            insert(t.reference), [{"file": file, "position": n, "data": data} for n, (file, data) in enumerate(rows)]
        )
    )
    names = db.read_now(queries.read_names)
    assert names.services == {"caw-antwerpen": "CAW Antwerpen", "ocmw-11002": "OCMW Antwerpen"}
    assert names.place("21004") == ("Brussel", "Brussel")
    assert names.place("GM0268") == ("Nijmegen", "Gelderland (Nederland)")
    assert names.place("99999")[1] == "plaats niet gekend"
