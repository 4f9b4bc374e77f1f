"""The only writer of events. Append with the expected seq, group commit, projection in the same transaction.

`change` is the one door: it takes the conversation's lock, asks a pure decision what follows from the state, seals the
words, and returns when the database has it for good. Many conversations share one commit: while one commit is on its
way to the disk, the appends that arrive wait together for the next. With several processes the primary key
(conversation, seq) decides who was first; the loser reads what happened and decides again.
"""

import asyncio
import logging
import random
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.conversations import events as e
from backend.conversations.state import Draft, State, apply
from backend.db import tables as t
from backend.db.session import Database
from backend.errors import HelplineError, Moved, NotFound
from backend.kit import times
from backend.live.hub import ALL, Hub
from backend.vault.vault import ConversationKey, Unreadable, Vault

log = logging.getLogger(__name__)

HOT = 5_000  # conversations kept folded in memory; at 50 messages of 200 characters about 100 MB
BATCH = 500  # appends in one commit; more would make the last one wait longer than the disk does
TRIES = 40  # races lost with another process over one conversation before we say so; each waits a little longer

Decide = Callable[[State], list[Draft]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is read back. `words` is None for events without words, and once they are destroyed."""

    seq: int
    at: datetime
    event: e.Event
    words: str | None = None
    client_id: str | None = None


@dataclass(slots=True)
class Hot:
    """A conversation in memory. Plain words live here while people talk, and nowhere else.

    `news` counts the signs that the database may hold more; `read` is how many of them the last reading answers.
    Counted, because a sign that comes during a reading must lead to another one.
    """

    state: State
    key: ConversationKey | None = None
    entries: list[Entry] = field(default_factory=list)
    client_ids: dict[str, int] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    news: int = 0
    read: int = 0

    @property
    def stale(self) -> bool:
        return self.read < self.news


@dataclass(slots=True)
class _Append:
    conversation: str
    new: bool
    events: list[dict[str, Any]]
    words: list[dict[str, Any]]
    row: dict[str, Any]
    wrapped: dict[str, Any] | None
    token: dict[str, Any] | None
    referrals: list[dict[str, Any]]
    done: asyncio.Future[None]


def row_of(state: State) -> dict[str, Any]:
    """The projection of a state: what `conversations` holds."""
    a = state.assessment
    return {
        "id": state.id,
        "seq": state.seq,
        "number": state.number,
        "channel": state.channel,
        "language": state.language,
        "status": state.status,
        "level": a.level,
        "themes": list(a.themes),
        "role": a.role,
        "minor": a.caller_is_minor,
        "place": a.places[0] if len(a.places) == 1 and not a.place_ambiguous else None,
        "operator": state.operator,
        "started_at": state.started_at,
        "called_at": state.first_called_at,
        "claimed_at": state.first_claimed_at,
        "ended_at": state.ended_at,
        "outcome": state.outcome,
        "abandoned": state.abandoned,
    }


# `seq` rises with every message; the other columns seldom change, so most appends touch only that one.
_update_seq = update(t.conversations).where(t.conversations.c.id == bindparam("b_id")).values(seq=bindparam("b_seq"))
_update_row = (
    update(t.conversations)
    .where(t.conversations.c.id == bindparam("b_id"))
    .values({name: bindparam(f"b_{name}") for name in (c.name for c in t.conversations.c) if name != "id"})
)


def _bind(row: dict[str, Any]) -> dict[str, Any]:
    return {f"b_{name}": value for name, value in row.items()}


class Log:
    """Reads and changes conversations. Only `conversations/actions.py` calls `change` and `create`."""

    def __init__(self, db: Database, vault: Vault, hub: Hub) -> None:
        self._db = db
        self._vault = vault
        self._hub = hub
        self._hot: OrderedDict[str, Hot] = OrderedDict()
        self._rows: dict[str, dict[str, Any]] = {}
        self._pending: list[_Append] = []
        self._wake = asyncio.Event()
        self._flusher: asyncio.Task[None] | None = None
        self.commits = 0
        if hub.bell.remote:
            hub.listen(self._heard, foreign=True)

    def start(self) -> None:
        self._flusher = asyncio.create_task(self._flush(), name="log flusher")

    async def stop(self) -> None:
        if self._flusher is not None:
            while self._pending:
                await asyncio.sleep(0.01)
            self._flusher.cancel()
            await asyncio.gather(self._flusher, return_exceptions=True)

    # Reading

    async def state(self, conversation: str) -> State:
        return (await self._fresh(conversation)).state

    async def read(self, conversation: str, after: int = 0) -> list[Entry]:
        """Every entry after the cursor, in order, with opened words."""
        return (await self._fresh(conversation)).entries[max(after, 0) :]

    async def look(self, conversation: str, after: int = 0) -> tuple[State, list[Entry]]:
        """The state and the entries after the cursor, of one moment: the last entry is the state's head."""
        hot = await self._fresh(conversation)
        return hot.state, hot.entries[max(after, 0) :]

    async def seen(self, conversation: str, client_id: str) -> int | None:
        """The seq that an earlier delivery of the same client-made id got."""
        return (await self._fresh(conversation)).client_ids.get(client_id)

    def forget(self, conversation: str) -> None:
        """Drops what memory holds, after its words were destroyed."""
        self._hot.pop(conversation, None)
        self._rows.pop(conversation, None)

    def stale(self, conversation: str) -> None:
        """Reads the database again before the next answer; the heartbeat's way to notice a lost ring."""
        if conversation in self._hot:
            self._hot[conversation].news += 1

    # Writing

    async def create(self, conversation: str, drafts: list[Draft], *, token_hash: str) -> State:
        return await asyncio.shield(self._create(conversation, drafts, token_hash))

    async def _create(self, conversation: str, drafts: list[Draft], token_hash: str) -> State:
        key, wrapped = self._vault.new_key(conversation)
        hot = Hot(State(conversation), key)
        async with hot.lock:
            keyed = {"conversation": conversation, "wrapped": wrapped, "master": self._vault.master_id}
            token = {"hash": token_hash, "conversation": conversation}
            await self._append(hot, drafts, None, wrapped=keyed, token=token)
            self._keep(conversation, hot)
        await self._hub.ring(f"conversation:{conversation}", "queue")
        return hot.state

    async def change(self, conversation: str, decide: Decide, *, client_id: str | None = None) -> int:
        """What the decision says happens, durably. Returns the seq of its first event, or the head if it was nothing.

        The same `client_id` again changes nothing and returns what the first delivery got. Shielded: a caller that goes
        away in the middle leaves neither a half-done change nor a change that nobody is told about.
        """
        return await asyncio.shield(self._change(conversation, decide, client_id))

    async def _change(self, conversation: str, decide: Decide, client_id: str | None) -> int:
        lost = 0
        while lost < TRIES:
            hot = await self._fresh(conversation)
            async with hot.lock:
                if self._hot.get(conversation) is not hot:
                    continue  # dropped from memory while we waited for the lock
                if hot.stale:
                    await self._refresh(hot)
                if client_id is not None and client_id in hot.client_ids:
                    return hot.client_ids[client_id]
                drafts = await self._decided(hot, decide)
                before = hot.state
                if not drafts:
                    return before.seq
                try:
                    await self._append(hot, drafts, client_id)
                    first = True
                except IntegrityError:
                    lost, first = lost + 1, False
            if not first:
                await asyncio.sleep(random.uniform(0, 0.005 * lost))
                continue
            topics = [f"conversation:{conversation}"]
            if _queue_view(before) != _queue_view(hot.state):
                topics.append("queue")
            await self._hub.ring(*topics)
            return before.seq + 1
        raise Moved

    async def _decided(self, hot: Hot, decide: Decide) -> list[Draft]:
        """What follows from the state. A refusal is given only after reading again: another process may just have written."""
        try:
            drafts = decide(hot.state)
            if drafts or not self._hub.bell.remote:
                return drafts
        except HelplineError:
            pass
        await self._refresh(hot)
        return decide(hot.state)

    async def _append(
        self,
        hot: Hot,
        drafts: list[Draft],
        client_id: str | None,
        *,
        wrapped: dict[str, Any] | None = None,
        token: dict[str, Any] | None = None,
    ) -> None:
        at, state, id = times.now(), hot.state, hot.state.id
        entries: list[Entry] = []
        event_rows: list[dict[str, Any]] = []
        word_rows: list[dict[str, Any]] = []
        referrals: list[dict[str, Any]] = []
        for event, words in drafts:
            seq = state.seq + 1
            state = apply(state, seq, at, event)
            mine = client_id if not event_rows else None
            entries.append(Entry(seq, at, event, words, mine))
            kind: str = getattr(event, "type")  # noqa: B009 - each event class declares its own literal
            event_rows.append(
                {"conversation": id, "seq": seq, "type": kind, "client_id": mine, "data": e.dump(event), "at": at}
            )
            if words is not None:
                if hot.key is None:
                    raise NotFound  # the words were destroyed; nothing can be said here any more
                word_rows.append({"conversation": id, "seq": seq, "sealed": hot.key.seal(id, seq, words)})
            if isinstance(event, e.Referred):
                referrals.append(
                    {"conversation": id, "seq": seq, "service": event.service, "kind": event.kind, "at": at}
                )
        append = _Append(
            conversation=id,
            new=wrapped is not None,
            events=event_rows,
            words=word_rows,
            row=row_of(state),
            wrapped=wrapped,
            token=token,
            referrals=referrals,
            done=asyncio.get_running_loop().create_future(),
        )
        self._pending.append(append)
        self._wake.set()
        try:
            await append.done
        except BaseException:
            hot.news += 1  # unknown: it may have reached the disk; or somebody else was first
            raise
        if client_id is not None:
            hot.client_ids[client_id] = entries[0].seq
        hot.entries.extend(entries)
        hot.state = state

    async def _flush(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                batch, self._pending = self._pending[:BATCH], self._pending[BATCH:]
                await self._commit(batch)

    async def _commit(self, batch: list[_Append]) -> None:
        self.commits += 1
        rows = self._rows
        try:
            await self._db.write_log(lambda c: _write(c, batch, rows))
        except IntegrityError as error:
            if len(batch) == 1:
                batch[0].done.set_exception(error)
                return
            for append in batch:  # somebody else was first with one of them: each by itself
                await self._commit([append])
            return
        except Exception as error:
            log.error("commit failed: %s", type(error).__name__)
            for append in batch:
                append.done.set_exception(error)
            return
        for append in batch:
            rows[append.conversation] = {**append.row, "seq": 0}
            if append.row["status"] == "ended":
                rows.pop(append.conversation)
            append.done.set_result(None)

    # Memory

    def _heard(self, topic: str) -> None:
        """Another process wrote, or rings may have been lost."""
        if topic == ALL:
            for hot in self._hot.values():
                hot.news += 1
        elif topic.startswith("conversation:"):
            self.stale(topic.removeprefix("conversation:"))

    def _keep(self, conversation: str, hot: Hot) -> None:
        self._hot[conversation] = hot
        if len(self._hot) > HOT:
            for id, old in list(self._hot.items())[: len(self._hot) - HOT]:
                if not old.lock.locked():
                    self.forget(id)

    async def _fresh(self, conversation: str) -> Hot:
        """Memory that knows all that was written before this call. What is written meanwhile is for the next."""
        hot = self._hot.get(conversation)
        if hot is None:
            hot = Hot(State(conversation), news=1)
            self._keep(conversation, hot)
        self._hot.move_to_end(conversation)
        asked = hot.news
        if hot.read < asked:
            async with hot.lock:
                if hot.read < asked:
                    await self._refresh(hot)
        return hot

    async def _refresh(self, hot: Hot) -> None:
        """Reads what others wrote. The caller holds the lock. Raises NotFound and forgets, if there is nothing at all."""
        news, id, after, key = hot.news, hot.state.id, hot.state.seq, hot.key
        hot.key, rows = await self._db.read(lambda c: self._since(c, id, key, after))
        self._extend(hot, rows)
        if hot.state.seq == 0:
            if self._hot.get(id) is hot:
                self.forget(id)
            raise NotFound
        hot.read = news

    def _since(
        self, connection: Connection, id: str, key: ConversationKey | None, after: int
    ) -> tuple[ConversationKey | None, list[Entry]]:
        if after == 0:
            wrapped = connection.execute(select(t.keys.c.wrapped).where(t.keys.c.conversation == id)).scalar()
            key = self._vault.unwrap(id, wrapped) if wrapped is not None else None
        return key, self._rows_after(connection, id, key, after)

    def _rows_after(
        self, connection: Connection, conversation: str, key: ConversationKey | None, after: int
    ) -> list[Entry]:
        query = (
            select(t.events, t.words.c.sealed)
            .outerjoin(t.words, (t.words.c.conversation == t.events.c.conversation) & (t.words.c.seq == t.events.c.seq))
            .where(t.events.c.conversation == conversation, t.events.c.seq > after)
            .order_by(t.events.c.seq)
        )
        found: list[Entry] = []
        for row in connection.execute(query):
            words: str | None = None
            if row.sealed is not None and key is not None:
                try:
                    words = key.open(conversation, row.seq, row.sealed)
                except Unreadable:
                    log.error("a sealed row does not open: seq %d", row.seq)
            found.append(Entry(row.seq, row.at, e.parse(row.type, row.data), words, row.client_id))
        return found

    @staticmethod
    def _extend(hot: Hot, news: Iterable[Entry]) -> None:
        for entry in news:
            hot.state = apply(hot.state, entry.seq, entry.at, entry.event)
            hot.entries.append(entry)
            if entry.client_id is not None:
                hot.client_ids[entry.client_id] = entry.seq


def _queue_view(state: State) -> tuple[Any, ...]:
    """What the queue shows of a state; it rings only when this changes."""
    a = state.assessment
    return (state.status, state.speaker, state.operator, state.citizen_last, a, state.called_since, state.ended)


def _write(connection: Connection, batch: list[_Append], rows: dict[str, dict[str, Any]]) -> None:
    """One transaction for many appends. The unique (conversation, seq) refuses a writer who was not first."""
    new = [a for a in batch if a.new]
    if new:
        connection.execute(insert(t.keys), [a.wrapped for a in new if a.wrapped])
        connection.execute(insert(t.tokens), [a.token for a in new if a.token])
        connection.execute(insert(t.conversations), [a.row for a in new])
    connection.execute(insert(t.events), [event for a in batch for event in a.events])
    words = [w for a in batch for w in a.words]
    if words:
        connection.execute(insert(t.words), words)
    referrals = [r for a in batch for r in a.referrals]
    if referrals:
        connection.execute(insert(t.referrals), referrals)
    light: list[dict[str, Any]] = []
    full: list[dict[str, Any]] = []
    for a in batch:
        if not a.new:
            same = rows.get(a.conversation) == {**a.row, "seq": 0}
            (light if same else full).append(a.row)
    if light:
        connection.execute(_update_seq, [{"b_id": row["id"], "b_seq": row["seq"]} for row in light])
    if full:
        connection.execute(_update_row, [_bind(row) for row in full])


def fold_all(connection: Connection, conversation: str) -> State:
    """The state from the log alone, for `helpline rebuild` and for tests."""
    state = State(conversation)
    query = select(t.events).where(t.events.c.conversation == conversation).order_by(t.events.c.seq)
    for row in connection.execute(query):
        state = apply(state, row.seq, row.at, e.parse(row.type, row.data))
    return state


def rebuild(connection: Connection, *, progress: Callable[[int, int], None] = lambda done, total: None) -> int:
    """Makes every row of `conversations` and `referrals` again from the log. Returns how many rows were different."""
    ids = list(connection.execute(select(t.events.c.conversation).distinct()).scalars())
    different = 0
    for done, id in enumerate(ids, 1):
        row = row_of(fold_all(connection, id))
        known = connection.execute(select(t.conversations).where(t.conversations.c.id == id)).mappings().first()
        if known is None or dict(known) != row:
            different += 1
            connection.execute(delete(t.conversations).where(t.conversations.c.id == id))
            connection.execute(insert(t.conversations), row)
        progress(done, len(ids))
    connection.execute(delete(t.referrals))
    for row_ in connection.execute(select(t.events).where(t.events.c.type == "referred")):
        event = e.parse(row_.type, row_.data)
        if isinstance(event, e.Referred):
            values = {"conversation": row_.conversation, "seq": row_.seq, "at": row_.at}
            connection.execute(insert(t.referrals), {**values, "service": event.service, "kind": event.kind})
    return different
