"""The two sockets: wait for a ring, read the log after the cursor, send. And take what comes in.

Each connection reads in its own task and writes in another, and ends when either does.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from backend.conversations import protocol as p
from backend.conversations import views
from backend.conversations.actions import Actions
from backend.conversations.board import Board
from backend.conversations.desk import Desk, Side
from backend.conversations.log import Log
from backend.errors import HelplineError
from backend.kit.texts import text
from backend.live.hub import Hub, Watcher

BEAT = 20.0  # seconds; NAT boxes forget a silent line after 60 (Zulip, anchors)
HELLO = 10.0  # seconds to say hello
FRAME = 32_768  # bytes of a frame; 2,000 characters of 4 bytes and their escapes fit


class Closed(Exception):
    """Ends the connection with a documented code."""

    def __init__(self, code: int) -> None:
        self.code = code


async def run_together(socket: WebSocket, own: Coroutine[Any, Any, None], *others: Coroutine[Any, Any, None]) -> None:
    """Runs the loops until one ends; closes with its code. Nothing of a message reaches a log.

    The first runs in the connection's own task: each task is 2 KiB for every citizen who waits.
    """
    code = 1000
    try:
        async with asyncio.TaskGroup() as group:
            for loop in others:
                group.create_task(loop)
            await own
    except BaseExceptionGroup as ends:
        closed, rest = ends.split(Closed)
        if closed is not None:
            code = _first(closed).code
        elif rest is not None and rest.split((WebSocketDisconnect, RuntimeError))[1] is not None:
            code = 1011
    finally:
        if socket.application_state is not WebSocketState.DISCONNECTED:
            with contextlib.suppress(Exception):
                await socket.close(code)


def _first(group: BaseExceptionGroup[Closed]) -> Closed:
    first = group.exceptions[0]
    return first if isinstance(first, Closed) else _first(first)


async def send(socket: WebSocket, frame: dict[str, Any]) -> None:
    await socket.send_text(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))


def refusal(error: HelplineError, language: str, id: str | None = None) -> dict[str, Any]:
    message = text(f"errors.{error.code}", language, **error.values)
    return {"type": "refused", "id": id, "code": error.code, "message": message}


class CitizenSocket:
    """One citizen's connection. `/chat/live`. `pace`: messages at once, and per second after that."""

    __slots__ = (
        "_actions", "_board", "_burst", "_conversation", "_cursor", "_hub", "_log",
        "_per_second", "_refilled", "_shown", "_socket", "_tokens",
    )  # fmt: skip

    def __init__(
        self, socket: WebSocket, actions: Actions, log: Log, board: Board, hub: Hub, pace: tuple[int, float]
    ) -> None:
        self._socket, self._actions, self._log, self._board, self._hub = socket, actions, log, board, hub
        self._conversation = ""
        self._cursor = 0
        self._shown: dict[str, Any] | None = None
        self._burst, self._per_second = pace
        self._tokens, self._refilled = float(self._burst), 0.0

    async def run(self) -> None:
        await self._socket.accept()
        try:
            async with asyncio.timeout(HELLO):
                hello = p.citizen_frame(await self._receive())
            if not isinstance(hello, p.Hello):
                raise Closed(4400)
            self._conversation = await self._actions.by_token(hello.token)
        except TimeoutError:
            return await self._socket.close(4408)
        except Closed as closed:
            return await self._socket.close(closed.code)
        except WebSocketDisconnect:
            return None
        except HelplineError as error:
            return await self._socket.close(4401 if error.status == 401 else 4400)
        self._cursor = hello.after
        watcher = self._hub.watcher(f"conversation:{self._conversation}", f"wake:{self._conversation}")
        try:
            await run_together(self._socket, self._read(watcher), self._write(watcher))
        finally:
            watcher.close()

    async def _receive(self) -> str:
        raw = await self._socket.receive_text()
        if len(raw.encode()) > FRAME:
            raise Closed(4400)
        return raw

    async def _read(self, watcher: Watcher) -> None:
        while True:
            raw = await self._receive()
            try:
                frame = p.citizen_frame(raw)
            except HelplineError as error:
                raise Closed(4400) from error
            match frame:
                case p.Hello():
                    if await self._actions.by_token(frame.token) != self._conversation:
                        raise Closed(4401)
                    self._cursor, self._shown = frame.after, None
                    self._log.stale(self._conversation)
                    watcher.wake("hello")
                case p.Ping():
                    await send(self._socket, {"type": "beat", "head": self._cursor})
                case _:
                    await self._do(frame)

    async def _do(self, frame: p.Say | p.Person | p.Leave) -> None:
        await self._slow_down()
        try:
            match frame:
                case p.Say():
                    await self._actions.say(self._conversation, frame.id, frame.text)
                case p.Person():
                    await self._actions.ask_person(self._conversation, frame.id)
                case p.Leave():
                    await self._actions.leave(self._conversation, frame.how)
        except HelplineError as error:
            language = (await self._log.state(self._conversation)).language
            await send(self._socket, refusal(error, language, getattr(frame, "id", None)))

    async def _slow_down(self) -> None:
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - (self._refilled or now)) * self._per_second) - 1
        self._refilled = now
        if self._tokens < 0:
            await asyncio.sleep(-self._tokens / self._per_second)

    async def _write(self, watcher: Watcher) -> None:
        await self._send_news()
        while True:
            rung = await watcher.wait(BEAT)
            if rung:
                await self._send_news()
                continue
            if self._hub.bell.remote:
                self._log.stale(self._conversation)
            state = await self._log.state(self._conversation)
            if state.seq > self._cursor:
                await self._send_news()
            await send(self._socket, {"type": "beat", "head": state.seq})

    async def _send_news(self) -> None:
        state, entries = await self._log.look(self._conversation, self._cursor)
        shown = views.citizen_state(state, self._board.latest)
        if not entries and shown == self._shown:
            return
        after, self._cursor, self._shown = self._cursor, state.seq, shown
        await send(self._socket, views.citizen_frame(entries, state, self._board.latest, after=after))
        if state.ended:
            raise Closed(4410)


class OperatorSocket:
    """One console's connection. `/api/live`. A person whose session ends loses the line at the next beat."""

    def __init__(
        self,
        socket: WebSocket,
        *,
        operator: int,
        still_signed_in: Callable[[], Awaitable[bool]],
        board: Board,
        hub: Hub,
        desk: Desk,
    ) -> None:
        self._socket, self._operator, self._still_signed_in = socket, operator, still_signed_in
        self._board, self._hub, self._desk = board, hub, desk
        self._watched: str | None = None
        self._side: Side | None = None
        self._cursor = 0
        self._alarmed: dict[str, int] = {}
        self._last_queue = ""

    async def run(self) -> None:
        await self._socket.accept()
        watcher = self._hub.watcher("board", f"operator:{self._operator}")
        try:
            await run_together(self._socket, self._read(watcher), self._write(watcher), self._beat())
        finally:
            watcher.close()

    async def _read(self, watcher: Watcher) -> None:
        while True:
            try:
                frame = p.operator_frame(await self._socket.receive_text())
            except HelplineError as error:
                raise Closed(4400) from error
            if isinstance(frame, p.Ping):
                await send(self._socket, {"type": "beat", "head": None})
                continue
            if self._watched is not None:
                watcher.unwatch(f"conversation:{self._watched}")
            self._watched = frame.conversation if isinstance(frame, p.Watch) else None
            if isinstance(frame, p.Watch):
                self._cursor, self._side = frame.after, None
                watcher.watch(f"conversation:{frame.conversation}")
                watcher.wake(f"conversation:{frame.conversation}")

    async def _write(self, watcher: Watcher) -> None:
        await self._send_queue()
        while True:
            rung = await watcher.wait(BEAT)
            if self._watched is not None and (not rung or f"conversation:{self._watched}" in rung):
                await self._send_conversation()
            if not rung or "board" in rung:
                await self._send_queue()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            if not await self._still_signed_in():
                raise Closed(4401)
            await send(self._socket, {"type": "beat", "head": None})

    async def _send_queue(self) -> None:
        snapshot = self._board.latest
        frame = self._desk.queue_frame(snapshot, self._operator)
        if frame != self._last_queue:
            self._last_queue = frame
            await self._socket.send_text(frame)
        waiting = self._desk.acute_waiting(snapshot)
        for id, (rung, item) in waiting.items():
            if self._alarmed.get(id, 0) < rung:
                await send(self._socket, {"type": "alarm", "item": item})
        self._alarmed = {id: rung for id, (rung, _) in waiting.items()}

    async def _send_conversation(self) -> None:
        watched = self._watched
        if watched is None:
            return
        try:
            view, self._side = await self._desk.conversation(
                watched, self._operator, after=self._cursor, known=self._side
            )
        except HelplineError as error:
            await send(self._socket, refusal(error, "nl"))
            self._watched = None
            return
        after, self._cursor = self._cursor, view["head"]
        if watched == self._watched:
            await send(self._socket, {"type": "conversation", "conversation": view, "after": after})
