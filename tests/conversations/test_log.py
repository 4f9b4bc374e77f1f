"""The log on both databases: one winner, no loss, no double, row equals fold, words sealed."""

import asyncio
import random
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.app import Services
from backend.conversations.log import fold_all, rebuild, row_of
from backend.db import tables as t
from backend.errors import AlreadyClaimed, EmptyText, Ended, NotYours, TokenUnknown, TooMuch
from backend.kit import ids
from backend.operators.presence import Colleague
from backend.settings import Settings
from tests.conftest import make_settings, running, until


@pytest.fixture
def chosen(tmp_path: Path, database_url: str) -> Settings:
    return make_settings(tmp_path, database_url=database_url)


def test_forty_operators_claim_at_once_and_one_wins(chosen: Settings) -> None:
    """25 rounds, over two processes' worth of memory on one database. The losers read who won; the row equals the fold."""

    async def round_(one: Services, other: Services, number: int) -> None:
        conversation, _ = await one.actions.start(language="nl")
        people = [Colleague(n, f"Medewerker {n}", True) for n in range(1, 41)]
        random.Random(number).shuffle(people)
        sides = [one, other]
        tried = await asyncio.gather(
            *(sides[n % 2].actions.claim(conversation, who) for n, who in enumerate(people)), return_exceptions=True
        )
        won = [who for who, result in zip(people, tried, strict=True) if isinstance(result, int)]
        lost = [result for result in tried if not isinstance(result, int)]
        assert len(won) == 1
        assert all(isinstance(error, AlreadyClaimed) and error.values["by"] == won[0].name for error in lost)
        one.log.stale(conversation)
        state = await one.log.state(conversation)
        assert state.operator == won[0].id
        row = await one.db.read(
            lambda c: c.execute(select(t.conversations).where(t.conversations.c.id == conversation)).mappings().one()
        )
        folded = await one.db.read(lambda c: fold_all(c, conversation))
        assert dict(row) == row_of(folded)

    async def session() -> None:
        async with running(chosen) as one, running(chosen) as other:
            for number in range(25):
                await round_(one, other, number)

    asyncio.run(session())


def test_the_same_message_twenty_times_is_one_message(chosen: Settings) -> None:
    async def session() -> None:
        async with running(chosen) as one:
            conversation, _ = await one.actions.start(language="nl")
            id = ids.new_id()
            first = set(await asyncio.gather(*(one.actions.say(conversation, id, "hallo") for _ in range(20))))
            assert len(first) == 1
        async with running(chosen) as again:  # after a restart too
            assert await again.actions.say(conversation, id, "hallo") == first.pop()
            said = [e for e in await again.log.read(conversation) if e.words == "hallo"]
            assert len(said) == 1

    asyncio.run(session())


def test_two_processes_write_one_conversation_without_a_gap(chosen: Settings) -> None:
    """16 writers over two processes: contiguous from 1, each message once, the same order for all."""

    async def session() -> None:
        async with running(chosen) as one, running(chosen) as other:
            conversation, _ = await one.actions.start(language="nl")
            who = Colleague(7, "An", True)
            await one.actions.claim(conversation, who)

            async def write(side: Services, writer: int) -> None:
                for n in range(12):
                    await side.actions.operator_say(conversation, who, ids.new_id(), f"{writer}-{n}")

            await asyncio.gather(*(write((one, other)[w % 2], w) for w in range(16)))

            await asyncio.gather(*(side.turns.finished(conversation) for side in (one, other)))  # the bot writes too
            for side in (one, other):
                side.log.stale(conversation)  # a ring may still be on its way; the heartbeat does the same
            seen = [await side.log.read(conversation) for side in (one, other)]
            assert [e.seq for e in seen[0]] == list(range(1, len(seen[0]) + 1))
            assert seen[0] == seen[1]
            words = [e.words for e in seen[0] if e.words and "-" in e.words and e.words[0].isdigit()]
            assert sorted(words) == sorted(f"{w}-{n}" for w in range(16) for n in range(12))
            for writer in range(16):
                mine = [w for w in words if w.startswith(f"{writer}-")]
                assert mine == [f"{writer}-{n}" for n in range(12)]

    asyncio.run(session())


def test_who_follows_by_rings_misses_nothing_and_sees_nothing_twice(chosen: Settings) -> None:
    """Readers on both processes follow one conversation as sockets do, while both write. With SQLite there is one process."""

    async def session() -> None:
        async with running(chosen) as one, running(chosen) as other:
            sides = (one, other) if one.hub.bell.remote else (one, one)
            conversation, _ = await one.actions.start(language="nl")
            who = Colleague(7, "An", True)
            await one.actions.claim(conversation, who)
            total = 8 * 15

            async def follow(side: Services) -> list[int]:
                watcher = side.hub.watcher(f"conversation:{conversation}")
                seen: list[int] = []
                said, cursor = 0, 0
                while said < total:
                    state, entries = await side.log.look(conversation, cursor)
                    assert not entries or entries[-1].seq == state.seq
                    cursor = state.seq
                    seen += [entry.seq for entry in entries]
                    said += sum(entry.words is not None and entry.words.startswith("regel") for entry in entries)
                    if said < total:
                        assert await watcher.wait(20), "a ring was lost"
                return seen

            async def write(side: Services, writer: int) -> None:
                for n in range(15):
                    await side.actions.operator_say(conversation, who, ids.new_id(), f"regel {writer} {n}")
                    await asyncio.sleep(random.random() / 200)

            followers = [asyncio.create_task(follow(sides[n % 2])) for n in range(6)]
            await asyncio.gather(*(write(sides[n % 2], n) for n in range(8)))
            for seen in await asyncio.wait_for(asyncio.gather(*followers), 30):
                assert seen == list(range(1, len(seen) + 1))

    asyncio.run(session())


def test_signs_without_end_do_not_keep_a_reader_waiting(chosen: Settings) -> None:
    """A sign during a reading leads to another reading for the next caller; it does not hold this one for ever."""

    async def session() -> None:
        async with running(chosen) as one:
            conversation, _ = await one.actions.start(language="nl")
            ringing = True

            async def signs() -> None:
                while ringing:
                    one.log.stale(conversation)
                    await asyncio.sleep(0)

            noise = asyncio.create_task(signs())
            async with asyncio.timeout(20):
                for n in range(20):
                    await one.actions.say(conversation, ids.new_id(), f"hallo {n}")
                    await asyncio.gather(*(one.log.read(conversation) for _ in range(20)))
            ringing = False
            await noise
            assert (
                sum(e.words is not None and e.words.startswith("hallo ") for e in await one.log.read(conversation))
                == 20
            )

    asyncio.run(session())


def test_rebuild_finds_every_row_right_and_mends_a_wrong_one(chosen: Settings) -> None:
    async def session() -> None:
        async with running(chosen) as one:
            for n in range(5):
                conversation, _ = await one.actions.start(language="nl")
                await one.actions.say(conversation, ids.new_id(), "mijn man slaat mij")
                await until(lambda c=conversation: _answered(one, c))
                if n % 2:
                    await one.actions.leave(conversation, "end")
            assert await one.db.write(rebuild) == 0
            await one.db.write(lambda c: c.execute(t.conversations.update().values(level="none", status="bot")))
            assert await one.db.write(rebuild) > 0
            assert await one.db.write(rebuild) == 0

    asyncio.run(session())


async def _answered(services: Services, conversation: str) -> bool:
    state = await services.log.state(conversation)
    return state.answered >= state.said


def test_words_are_sealed_and_a_shredded_key_ends_them(tmp_path: Path) -> None:
    chosen = make_settings(tmp_path)

    async def session() -> None:
        async with running(chosen) as one:
            conversation, token = await one.actions.start(language="nl")
            await one.actions.say(conversation, ids.new_id(), "een heel bijzondere zin")
            await one.actions.leave(conversation, "end")
            assert await one.actions.shred(older_than=timedelta(0)) == 1
            entries = await one.log.read(conversation)
            assert [e.seq for e in entries] == list(range(1, len(entries) + 1))
            assert all(e.words is None for e in entries)
            rows = await one.db.read(lambda c: c.execute(select(func.count()).select_from(t.conversations)).scalar())
            assert rows == 1
            with pytest.raises(TokenUnknown):
                await one.actions.by_token(token)

    asyncio.run(session())
    raw = b"".join(file.read_bytes() for file in (tmp_path / "var").rglob("*") if file.is_file())
    assert b"bijzondere" not in raw


def test_a_stolen_database_opens_nothing_and_swapped_rows_are_noticed(tmp_path: Path) -> None:
    chosen = make_settings(tmp_path)

    async def write() -> tuple[str, str]:
        async with running(chosen) as one:
            first, _ = await one.actions.start(language="nl")
            second, _ = await one.actions.start(language="nl")
            for conversation in (first, second):
                await one.actions.say(conversation, ids.new_id(), "dit is van mij")
                await until(lambda c=conversation: _answered(one, c))
            return first, second

    first, second = asyncio.run(write())
    file = sqlite3.connect(chosen.data_dir / "wegwijs.sqlite")
    swapped = file.execute("SELECT seq, sealed FROM words WHERE conversation = ?", (first,)).fetchall()
    for seq, sealed in swapped:
        file.execute("UPDATE words SET sealed = ? WHERE conversation = ? AND seq = ?", (sealed, second, seq))
    file.commit()

    async def read() -> None:
        async with running(chosen) as one:
            assert "dit is van mij" in [e.words for e in await one.log.read(first)]
            assert all(e.words is None for e in await one.log.read(second))

    asyncio.run(read())


def test_what_may_not_happen_is_refused_with_a_sentence(tmp_path: Path) -> None:
    async def session() -> None:
        async with running(make_settings(tmp_path)) as one:
            conversation, _ = await one.actions.start(language="nl")
            with pytest.raises(EmptyText):
                await one.actions.say(conversation, ids.new_id(), "  \u202e ")
            with pytest.raises(TooMuch):
                await one.actions.say(conversation, ids.new_id(), "a" * 2_001)
            with pytest.raises(NotYours):
                await one.actions.operator_say(conversation, Colleague(1, "An", True), ids.new_id(), "dag")
            await one.actions.leave(conversation, "exit")
            with pytest.raises(Ended):
                await one.actions.say(conversation, ids.new_id(), "nog iets")
            with pytest.raises(Ended):
                await one.actions.claim(conversation, Colleague(1, "An", True))

    asyncio.run(session())
