"""Periodic work, each a small loop: the queue's snapshot, presence, alarms, lost operators, long waits, forgetting words."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy import Connection, delete

from backend.assistant.turns import Turns
from backend.conversations.actions import Actions
from backend.conversations.board import Board
from backend.db import tables as t
from backend.db.session import Database
from backend.errors import HelplineError
from backend.kit import times
from backend.live.hub import Hub
from backend.operators.presence import ALIVE, Presence
from backend.settings import Settings

log = logging.getLogger(__name__)

RELEASE_AFTER = ALIVE  # REL-12
REMIND_ACUTE = timedelta(seconds=60)  # HLP-4: 101 and 112 again, and the choice to wait
LONG_WAIT = timedelta(minutes=15)  # HLP-6: told so, with alternatives


class Jobs:
    def __init__(
        self,
        *,
        settings: Settings,
        db: Database,
        hub: Hub,
        board: Board,
        presence: Presence,
        actions: Actions,
        turns: Turns,
    ) -> None:
        self._settings, self._db, self._hub, self._board = settings, db, hub, board
        self._presence, self._actions, self._turns = presence, actions, turns
        self._tasks: list[asyncio.Task[None]] = []
        self._gone: dict[str, float] = {}
        self._dirty = asyncio.Event()
        hub.listen(lambda topic: self._dirty.set() if topic == "queue" else None)

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._follow_queue()),
            asyncio.create_task(self._every(5, self.look_after_people)),
            asyncio.create_task(self._every(30, self._turns.sweep)),
            asyncio.create_task(self._every(600, self.forget)),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def people_changed(self) -> None:
        """Somebody signed in, went, or became available: everyone's picture changes now, not in five seconds."""
        await self._presence.refresh()
        self._dirty.set()

    async def _every(self, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await work()
            except Exception as error:
                log.error("a job broke: %s", type(error).__name__)
            await asyncio.sleep(seconds)

    async def _follow_queue(self) -> None:
        """Makes the snapshot anew when something rang, at most twice a second, and wakes consoles and people in line."""
        known: dict[str, tuple[int | None, tuple[int, int] | None]] = {}
        staffed = False
        while True:
            try:
                async with asyncio.timeout(5):
                    await self._dirty.wait()
            except TimeoutError:
                pass
            self._dirty.clear()
            try:
                snapshot = await self._board.snapshot()
            except Exception as error:
                log.error("the queue could not be read: %s", type(error).__name__)
                await asyncio.sleep(1)
                continue
            local = ["board"]
            now_known = {s.id: snapshot.wait(s.id) for s in snapshot.states if s.status == "waiting"}
            for id, place in now_known.items():
                if known.get(id) != place or staffed != snapshot.staffed:
                    local.append(f"wake:{id}")
            known, staffed = now_known, snapshot.staffed
            for topic in local:
                self._hub.wake(topic)
            await asyncio.sleep(0.5)

    async def look_after_people(self) -> None:
        if await self._presence.refresh():
            self._dirty.set()
        now, loop_time = times.now(), asyncio.get_running_loop().time()
        for state in (await self._board.snapshot()).states:
            try:
                if state.operator is not None:
                    await self._watch_operator(state.id, state.operator, loop_time)
                elif state.status == "waiting" and state.called_since is not None:
                    if state.assessment.level == "acute" and now - state.called_since > REMIND_ACUTE:
                        await self._actions.notice(state.id, "still_waiting", urgent=True)
                    if now - state.called_since > LONG_WAIT:
                        await self._actions.notice(state.id, "long_wait")
                silent = now - (state.last_said_at or state.started_at or now)
                if silent > timedelta(hours=self._settings.silence_hours) and state.operator is None:
                    await self._actions.leave(state.id, "lost")
            except HelplineError:
                continue

    async def _watch_operator(self, conversation: str, operator: int, now: float) -> None:
        """`is_here` allows a minute of silence already; seen gone twice, so that a restart of ours releases nobody."""
        if self._presence.is_here(operator):
            self._gone.pop(conversation, None)
        elif now - self._gone.setdefault(conversation, now) > 15:
            del self._gone[conversation]
            await self._actions.release(conversation, operator)

    async def forget(self) -> None:
        gone = await self._actions.shred(timedelta(hours=self._settings.words_hours))
        if gone:
            log.info("words of %d conversations were destroyed", gone)
        limit = times.now() - timedelta(hours=self._settings.session_hours)

        def work(connection: Connection) -> None:
            connection.execute(delete(t.sessions).where(t.sessions.c.created_at < limit))
            connection.execute(delete(t.invites).where(t.invites.c.expires_at < times.now()))

        await self._db.write(work)
