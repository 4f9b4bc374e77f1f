"""The bells, chosen by URL: `memory:` for one process, `postgresql:` for several."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable

import psycopg

from backend.kit import ids
from backend.live.hub import ALL, Bell, Hear

log = logging.getLogger(__name__)
CHANNEL = "wegwijs"


class MemoryBell:
    """One process."""

    remote = False

    def __init__(self) -> None:
        self._hear: Hear | None = None

    async def start(self, hear: Hear) -> None:
        self._hear = hear

    async def ring(self, topics: Iterable[str]) -> None:
        if self._hear is not None:
            for topic in topics:
                self._hear(topic, False)

    async def stop(self) -> None:
        self._hear = None


class PostgresBell:
    """LISTEN/NOTIFY on two connections of its own.

    NOTIFY is not stored: a listener that was away missed rings. So after every (re)connect `*` is rung, and the sockets'
    heartbeats carry the head. Our own rings sound here at once; a notice says who rang, so that its echo is not taken
    for news (every message would then make memory read the database again). Rings that gather while one is on its way
    share the next NOTIFY statement, because PostgreSQL takes a global lock at the commit of each.
    """

    remote = True

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._tasks: list[asyncio.Task[None]] = []
        self._pending: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._ready = asyncio.Event()
        self._hear: Hear = lambda topic, foreign: None
        self._me = ids.new_id()

    async def start(self, hear: Hear) -> None:
        self._hear = hear
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._send())]
        await asyncio.wait_for(self._ready.wait(), 15)

    async def ring(self, topics: Iterable[str]) -> None:
        topics = tuple(topics)
        self._pending.update(dict.fromkeys(topics))
        self._wake.set()
        for topic in topics:
            self._hear(topic, False)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._ready.set()
                    self._hear(ALL, True)
                    async for notice in connection.notifies():
                        who, *topics = notice.payload.split(" ")
                        for topic in topics if who != self._me else ():
                            self._hear(topic, True)
            except (psycopg.Error, OSError) as error:
                log.warning("bell lost its ear: %s", type(error).__name__)
                await asyncio.sleep(0.5)

    async def _send(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    while True:
                        await self._wake.wait()
                        self._wake.clear()
                        while self._pending:
                            batch = list(self._pending)[:150]  # 150 topics of 45 characters stay under 8,000 bytes
                            for topic in batch:
                                del self._pending[topic]  # before sending: a ring that comes meanwhile is a new one
                            try:
                                await connection.execute(
                                    "SELECT pg_notify(%s, %s)", (CHANNEL, " ".join((self._me, *batch)))
                                )
                            except BaseException:
                                self._pending.update(dict.fromkeys(batch))
                                raise
            except (psycopg.Error, OSError) as error:
                log.warning("bell lost its voice: %s", type(error).__name__)
                self._wake.set()
                await asyncio.sleep(0.5)


def make_bell(url: str, database_url: str) -> Bell:
    """`url` empty: the bell that fits the database."""
    if url.startswith("postgresql") or (not url and database_url.startswith("postgresql")):
        return PostgresBell(url if url.startswith("postgresql://") else database_url)
    return MemoryBell()
