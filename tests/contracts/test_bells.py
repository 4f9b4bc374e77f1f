"""One contract, every bell: what is rung arrives in every process, as a topic and nothing more."""

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from backend.live.bells import MemoryBell, PostgresBell
from backend.live.hub import Bell, Hub

MakeBell = Callable[[], Bell]


@pytest.fixture(params=["memory", "postgresql"])
def make_bell(request: pytest.FixtureRequest) -> MakeBell:
    if request.param == "memory":
        return MemoryBell
    url: str = request.getfixturevalue("postgres").format("postgres")
    return lambda: PostgresBell(url)


def run(work: Any) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


def test_a_ring_wakes_who_watches_that_topic_and_nobody_else(make_bell: MakeBell) -> None:
    async def session() -> None:
        hub = Hub(make_bell())
        await hub.start()
        mine, other = hub.watcher("conversation:1"), hub.watcher("conversation:2")
        await asyncio.sleep(0.2)  # the bell's own first ring, after its start
        mine.wake("x"), other.wake("x")
        await mine.wait(), await other.wait()
        await hub.ring("conversation:1")
        assert await mine.wait(5) == {"conversation:1"}
        assert await other.wait(0.2) == set()
        await hub.stop()

    run(session())


def test_a_watcher_that_does_not_read_holds_one_topic_after_thousands_of_rings(make_bell: MakeBell) -> None:
    async def session() -> None:
        hub = Hub(make_bell())
        await hub.start()
        watcher = hub.watcher("queue")
        for _ in range(5_000):
            await hub.ring("queue")
        assert await watcher.wait(5) == {"queue"}
        await hub.ring("queue", "other")
        assert "queue" in await watcher.wait(5)
        watcher.close()
        assert hub.topics() == []
        await hub.stop()

    run(session())


def test_two_thousand_watchers_all_wake(make_bell: MakeBell) -> None:
    async def session() -> None:
        hub = Hub(make_bell())
        await hub.start()
        watchers = [hub.watcher("queue") for _ in range(2_000)]
        await hub.ring("queue")
        assert all(await asyncio.gather(*(w.wait(10) for w in watchers)))
        await hub.stop()

    run(session())


def test_postgresql_rings_in_the_other_process_and_after_its_connection_was_cut(postgres: str) -> None:
    url = postgres.format("postgres")

    async def session() -> None:
        one, other = Hub(PostgresBell(url)), Hub(PostgresBell(url))
        await one.start()
        await other.start()
        watcher = other.watcher("conversation:9")
        await watcher.wait(0.3)
        await one.ring("conversation:9")
        assert await watcher.wait(5) == {"conversation:9"}
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE 'LISTEN%'"
            )
        # What rang while it was away is lost; after the reconnect everything known rings once.
        assert await watcher.wait(10) == {"conversation:9"}
        await one.ring("conversation:9")
        assert await watcher.wait(5) == {"conversation:9"}
        await one.stop()
        await other.stop()

    run(session())
