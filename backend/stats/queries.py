"""The counts behind the supervisor's page, as plain SQL that SQLite and PostgreSQL both read.

`Facts` and `Moment` hold exact counts and are not for publication; `report.py` turns them into what may be shown.
Nothing here reads words, names of citizens or events' contents: only the rows that list conversations.
"""

import json
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, String, cast, func, select

from backend.db.tables import conversations, events, operators, reference, referrals, sessions
from backend.kit.times import BRUSSELS
from backend.stats import report, weeks
from backend.stats.facts import Facts, Moment, Names, WaitingNow, Week
from backend.stats.measures import Wait

c = conversations.c
ALIVE = timedelta(seconds=60)  # at work: as operators/presence.py counts it


def now_figures(connection: Connection, now: datetime) -> report.NowFigures:
    """Who waits, who is being helped, who is at work, and the counts of today."""
    return report.of_now(read_now(connection, now))


def period_figures(
    connection: Connection, since: datetime, until: datetime, names: Names, *, now: datetime | None = None
) -> report.PeriodFigures:
    """Every figure of the contacts that began in [since, until). `now` is for who has been waiting since then."""
    return report.of_period(read_period(connection, since, until, now=now or until), names)


def read_names(connection: Connection) -> Names:
    """Names of services and places from the directory in the database."""
    rows: dict[str, list[dict[str, str]]] = {}
    for file, data in connection.execute(select(reference.c.file, reference.c.data).order_by(reference.c.position)):
        rows.setdefault(file.removesuffix(".csv"), []).append(data)
    return Names.from_rows(**{name: rows.get(name, []) for name in Names.FILES})


def read_now(connection: Connection, now: datetime) -> Moment:
    start = weeks.today(now)
    by_status: Counter[str] = Counter()
    waiting: list[WaitingNow] = []
    again: dict[str, str] = {}
    live = select(c.id, c.status, c.level, c.started_at, c.called_at, c.claimed_at).where(c.status != "ended")
    for row in connection.execute(live):
        by_status[row.status] += 1
        if row.status == "waiting" and row.claimed_at is not None:
            again[row.id] = row.level  # somebody had it and gave it back: the wait began then
        elif row.status == "waiting":
            waiting.append(WaitingNow(row.level, (now - (row.called_at or row.started_at)).total_seconds()))
    if again:
        since = (
            select(events.c.conversation, func.max(events.c.seq).label("seq"))
            .where(events.c.conversation.in_(again), events.c.type == "handed_back")
            .group_by(events.c.conversation)
            .subquery()
        )
        back = select(events.c.conversation, events.c.at).join(
            since, (since.c.conversation == events.c.conversation) & (since.c.seq == events.c.seq)
        )
        found = {id: at for id, at in connection.execute(back)}
        waiting += [WaitingNow(level, (now - found.get(id, now)).total_seconds()) for id, level in again.items()]
    day = (c.started_at >= start) & (c.started_at <= now)
    contacts, acute, abandoned = connection.execute(
        select(func.count(), func.count().filter(c.level == "acute"), func.count().filter(c.abandoned.is_(True)))
        .select_from(conversations)
        .where(day)
    ).one()
    referred = connection.scalar(
        select(func.count(func.distinct(referrals.c.conversation)))
        .join(conversations, c.id == referrals.c.conversation)
        .where(day)
    )
    available = connection.scalar(
        select(func.count(func.distinct(operators.c.id)))
        .join(sessions, sessions.c.operator == operators.c.id)
        .where(operators.c.active.is_(True), operators.c.available.is_(True), sessions.c.seen_at > now - ALIVE)
    )
    return Moment(
        at=now.astimezone(BRUSSELS),
        waiting=tuple(waiting),
        with_bot=by_status["bot"],
        with_operator=by_status["operator"],
        available=available or 0,
        contacts=contacts,
        acute=acute,
        referred=referred or 0,
        abandoned=abandoned,
    )


@dataclass(slots=True)
class _Themes:
    """The JSON lists of themes, each text parsed once. Cast to text because PostgreSQL cannot compare JSON."""

    known: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, raw: str) -> tuple[str, ...]:
        if raw not in self.known:
            self.known[raw] = tuple(json.loads(raw))
        return self.known[raw]


def read_period(connection: Connection, since: datetime, until: datetime, *, now: datetime) -> Facts:
    during = (c.started_at >= since) & (c.started_at < until)
    earlier = weeks.before(since, until)
    starts = weeks.weeks_of(since, until)
    facts = Facts(since=since, until=until, weeks=tuple(Week(start) for start in starts))
    themes = _Themes()

    facts.previous = (
        connection.scalar(
            select(func.count()).select_from(conversations).where(c.started_at >= earlier, c.started_at < since)
        )
        or 0
    )
    counted = (c.level, c.channel, c.role, c.place, c.outcome, cast(c.themes, String))
    for level, channel, role, place, outcome, raw, count in connection.execute(
        select(*counted, func.count()).where(during).group_by(*counted)
    ):
        facts.contacts += count
        facts.levels[level] += count
        facts.channels[channel] += count
        facts.roles[role] += count
        facts.places[place] += count
        facts.outcomes[outcome] += count
        of = themes.of(raw)
        facts.themeless += 0 if of else count
        for theme in of:
            facts.themes[theme] += count

    # Weeks are cut here and not in SQL: no function for a time zone is the same in both databases.
    for (started,) in connection.execute(select(c.started_at).where(during)):
        facts.weeks[bisect_right(starts, started) - 1].contacts += 1
    called = select(c.started_at, c.level, c.called_at, c.claimed_at, c.ended_at, c.abandoned)
    for row in connection.execute(called.where(during, c.called_at.is_not(None))):
        week = facts.weeks[bisect_right(starts, row.started_at) - 1]
        week.called += 1
        week.abandoned += row.abandoned
        facts.claimed += row.claimed_at is not None
        if row.level == "acute":
            end = row.claimed_at or row.ended_at or max(now, row.called_at)
            wait = Wait((end - row.called_at).total_seconds(), row.claimed_at is not None)
            facts.acute_waits.append(wait)
            week.acute_waits.append(wait)
            facts.acute_abandoned += row.abandoned

    sent: set[str] = set()
    for id, service, kind, raw in connection.execute(
        select(referrals.c.conversation, referrals.c.service, referrals.c.kind, cast(c.themes, String))
        .join(conversations, c.id == referrals.c.conversation)
        .where(during)
    ):
        sent.add(id)
        facts.services[(kind, service)] += 1
        for theme in themes.of(raw) or ("",):
            facts.routes[(theme, kind)] += 1
    facts.referred = len(sent)
    return facts
