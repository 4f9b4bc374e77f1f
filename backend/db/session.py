"""The database from a URL. SQL is written as plain functions over a Connection; `Database.run` runs them in a thread.

Why not an async driver: one statement costs one hop between threads there, one *transaction* costs one hop here
(docs/decisions/0003). SQLite: WAL, BEGIN IMMEDIATE (a plain BEGIN that reads first dies with 'database is locked'
however long the timeout), `synchronous=FULL` so that an acknowledged message survives a power cut,
`secure_delete` so that a shredded key leaves no trace in the file.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event

T = TypeVar("T")


def make_engine(url: str) -> Engine:
    if url.startswith("sqlite"):
        engine = create_engine(
            url, connect_args={"timeout": 15, "check_same_thread": False}, pool_size=8, max_overflow=8
        )

        @event.listens_for(engine, "connect")
        def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
            connection.isolation_level = None  # we write BEGIN ourselves
            for pragma in (
                "journal_mode=WAL",
                "synchronous=FULL",
                "secure_delete=ON",
                "foreign_keys=ON",
                "trusted_schema=OFF",
                "temp_store=MEMORY",
            ):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            reading = connection.get_execution_options().get("reading")
            connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

        return engine
    return create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True)


class Database:
    """One engine, a thread for the log's writer, and a few threads for everything else."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self.is_sqlite = url.startswith("sqlite")
        self._threads = ThreadPoolExecutor(4, thread_name_prefix="db")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="log")

    def read_now(self, work: Callable[[Connection], T]) -> T:
        with self.engine.connect().execution_options(reading=True) as connection:
            return work(connection)

    def write_now(self, work: Callable[[Connection], T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)

    async def read(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.read_now, work)

    async def write(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.write_now, work)

    async def write_log(self, work: Callable[[Connection], T]) -> T:
        """As `write`, in the one thread of the group commit."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self.write_now, work)

    def close(self) -> None:
        self._writer.shutdown(wait=True)
        self._threads.shutdown(wait=True)
        self.engine.dispose()
