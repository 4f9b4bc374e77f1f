"""The counts behind the supervisor's page, as plain SQL that SQLite and PostgreSQL both read.

`Facts` and `Moment` hold exact counts and are not for publication; `report.py` turns them into what may be shown.
Nothing here reads words, names of citizens or events' contents: only the rows that list conversations.
"""

import json
from bisect import bisect_right
from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Integer, String, cast, column, func, select, values

from backend.db.tables import conversations, events, operators, reference, referrals, sessions
from backend.kit.times import BRUSSELS, UtcDateTime
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
        found = {row.conversation: row.at for row in connection.execute(back)}
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


def read_period(connection: Connection, since: datetime, until: datetime, *, now: datetime) -> Facts:
    during = (c.started_at >= since) & (c.started_at < until)
    earlier = (c.started_at >= weeks.before(since, until)) & (c.started_at < since)
    facts = Facts(since=since, until=until, weeks=tuple(Week(start) for start in weeks.weeks_of(since, until)))
    facts.previous = connection.scalar(select(func.count()).select_from(conversations).where(earlier)) or 0
    facts.first = connection.scalar(select(func.min(c.started_at)))
    few = (c.level, c.channel, c.role, c.outcome)  # few values each, so one scan counts all four
    for level, channel, role, outcome, count in connection.execute(
        select(*few, func.count()).where(during).group_by(*few)
    ):
        facts.levels[level] += count
        facts.channels[channel] += count
        facts.roles[role] += count
        facts.outcomes[outcome] += count
    for place, count in connection.execute(select(c.place, func.count()).where(during).group_by(c.place)):
        facts.places[place] = count
    facts.contacts = facts.levels.total()
    listed = cast(c.themes, String)  # as text, because PostgreSQL cannot compare JSON
    for raw, count in connection.execute(select(listed, func.count()).where(during).group_by(listed)):
        themes = json.loads(raw)
        facts.themeless += 0 if themes else count
        for theme in themes:
            facts.themes[theme] += count
    _read_weeks(connection, facts)
    _read_acute(connection, facts, during, now)
    _read_referrals(connection, facts, during)
    return facts


def _read_weeks(connection: Connection, facts: Facts) -> None:
    """Per week. The weeks go in as a table: no function for a time zone is the same in both databases."""
    if not facts.weeks:
        return
    ends = [*(week.start for week in facts.weeks[1:]), facts.until]
    span = (
        values(column("n", Integer), column("since", UtcDateTime), column("until", UtcDateTime), name="span")
        .data([(n, week.start, end) for n, (week, end) in enumerate(zip(facts.weeks, ends, strict=True))])
        .cte("span")
    )
    query = (
        select(
            span.c.n,
            func.count(),
            func.count(c.called_at),
            func.count(c.claimed_at),
            func.count().filter(c.abandoned.is_(True)),
        )
        .join_from(span, conversations, (c.started_at >= span.c.since) & (c.started_at < span.c.until))
        .group_by(span.c.n)
    )
    for n, contacts, called, claimed, abandoned in connection.execute(query):
        week = facts.weeks[n]
        week.contacts, week.called, week.abandoned = contacts, called, abandoned
        facts.claimed += claimed


def _read_acute(connection: Connection, facts: Facts, during: ColumnElement[bool], now: datetime) -> None:
    starts = [week.start for week in facts.weeks]
    called = select(c.started_at, c.called_at, c.claimed_at, c.ended_at, c.abandoned).where(
        during, c.level == "acute", c.called_at.is_not(None)
    )
    for started, since, claimed, ended, abandoned in connection.execute(called):
        end = claimed or ended or max(now, since)
        wait = Wait((end - since).total_seconds(), claimed is not None)
        facts.acute_waits.append(wait)
        facts.weeks[bisect_right(starts, started) - 1].acute_waits.append(wait)
        facts.acute_abandoned += abandoned


def _read_referrals(connection: Connection, facts: Facts, during: ColumnElement[bool]) -> None:
    listed = cast(c.themes, String)
    r = referrals.c
    found = (
        select(r.service, r.kind, listed, func.count())
        .join_from(conversations, referrals, c.id == r.conversation)
        .where(during)
        .group_by(r.service, r.kind, listed)
    )
    for service, kind, raw, count in connection.execute(found):
        facts.services[(kind, service)] += count
        for theme in json.loads(raw) or ("",):
            facts.routes[(theme, kind)] += count
    sent = select(r.conversation).where(r.conversation == c.id).exists()
    facts.referred = connection.scalar(select(func.count()).select_from(conversations).where(during, sent)) or 0
