"""The bells, chosen by URL: `memory:` for one process, `postgresql:` for several."""

import asyncio
import contextlib
import logging
from collections.abc import Iterable

import psycopg

from backend.live.hub import Bell, OnRing

log = logging.getLogger(__name__)
CHANNEL = "wegwijs"


class MemoryBell:
    """One process."""

    remote = False

    def __init__(self) -> None:
        self._on_ring: OnRing | None = None

    async def start(self, on_ring: OnRing) -> None:
        self._on_ring = on_ring

    async def ring(self, topics: Iterable[str]) -> None:
        if self._on_ring is not None:
            for topic in topics:
                self._on_ring(topic)

    async def stop(self) -> None:
        self._on_ring = None


class PostgresBell:
    """LISTEN/NOTIFY on two connections of its own.

    NOTIFY is not stored: a listener that was away missed rings. So after every (re)connect `*` is rung, and the sockets'
    heartbeats carry the head. Rings that gather while one is on its way share the next NOTIFY statement, because
    PostgreSQL takes a global lock at the commit of each.
    """

    remote = True

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._tasks: list[asyncio.Task[None]] = []
        self._pending: dict[str, None] = {}
        self._wake = asyncio.Event()
        self._ready = asyncio.Event()
        self._on_ring: OnRing = lambda topic: None

    async def start(self, on_ring: OnRing) -> None:
        self._on_ring = on_ring
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._send())]
        await asyncio.wait_for(self._ready.wait(), 15)

    async def ring(self, topics: Iterable[str]) -> None:
        self._pending.update(dict.fromkeys(topics))
        self._wake.set()

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
                    self._on_ring("*")
                    async for notice in connection.notifies():
                        for topic in notice.payload.split(" "):
                            self._on_ring(topic)
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
                                await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, " ".join(batch)))
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
