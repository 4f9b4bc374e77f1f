"""HLP-3, HLP-5: with Rasa stopped, an acute message alarms operators and shows the numbers before any question."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bench.run import staff_cookie
from tests.conftest import Server, free_port, make_server


@pytest.fixture
def without_rasa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = make_server(tmp_path_factory.mktemp("alarm"), rasa_url=f"http://127.0.0.1:{free_port()}", turn_key="x")
    server.start()
    yield server
    server.stop()


def test_without_rasa_an_acute_message_alarms_and_shows_the_numbers_first(without_rasa: Server) -> None:
    server = without_rasa
    cookie = staff_cookie(server)
    ws = server.url.replace("http", "ws")

    async def session() -> None:
        console_line = connect(ws + "/api/live", origin=server.url, additional_headers={"Cookie": f"wegwijs={cookie}"})  # type: ignore[arg-type]
        async with console_line as console, httpx.AsyncClient(base_url=server.url) as http:
            started = (await http.post("/chat/start", json={"language": "nl"})).json()
            async with connect(ws + "/chat/live", origin=server.url) as citizen:  # type: ignore[arg-type]
                await citizen.send(json.dumps({"type": "hello", "token": started["token"], "after": 0}))
                words = "hij staat voor de deur met een mes en zegt dat hij mij gaat vermoorden"
                await citizen.send(json.dumps({"type": "say", "id": secrets.token_hex(16), "text": words}))
                alarm = await _first(console, "alarm")
                assert alarm["item"]["level"] == "acute"
                assert "wapen" in " ".join(alarm["item"]["signals"])
                events = (await http.post("/chat/events", json={"token": started["token"], "after": 0})).json()[
                    "events"
                ]
                mine = next(n for n, event in enumerate(events) if event["who"] == "you")
                assert events[mine + 1]["urgent"] and "112" in events[mine + 1]["text"]
                assert not any(event["who"] == "computer" for event in events)

    asyncio.run(asyncio.wait_for(session(), 30))


async def _first(line: Any, kind: str) -> dict[str, Any]:
    async for raw in line:
        frame: dict[str, Any] = json.loads(raw)
        if frame["type"] == kind:
            return frame
    raise AssertionError("the line closed")


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.example", "http://127.0.0.1.evil.example", "https://127.0.0.1", "http://127.0.0.1"],
)
def test_a_socket_from_another_origin_is_refused_before_it_is_accepted(server: Server, origin: str | None) -> None:
    async def attempt(path: str) -> None:
        async with connect(server.url.replace("http", "ws") + path, origin=origin):  # type: ignore[arg-type]
            pass

    for path in ("/chat/live", "/api/live"):
        with pytest.raises(Exception, match="403"):
            asyncio.run(attempt(path))


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{}",
        "[]",
        "nul\u0000",
        '{"type": "say"}',
        '{"type": "say", "id": "x", "text": "x"}',
        '{"type": "ping", "extra": 1}',
        '{"type": "ping", "type": "ping"}',
        '{"type": "say", "id": "' + "a" * 32 + '", "text": "\\ud800"}',
        "[" * 5000,
        '{"type": "hello", "token": "' + "a" * 43 + '", "after": 1e400}',
        '{"type": "hello", "token": "' + "a" * 43 + '", "after": NaN}',
    ],
)
def test_a_frame_that_is_not_understood_closes_with_its_code_and_the_server_lives(server: Server, frame: str) -> None:
    async def session() -> int:
        async with httpx.AsyncClient(base_url=server.url) as http:
            token = (await http.post("/chat/start", json={"language": "nl"})).json()["token"]
            async with connect(server.url.replace("http", "ws") + "/chat/live", origin=server.url) as line:  # type: ignore[arg-type]
                await line.send(json.dumps({"type": "hello", "token": token, "after": 0}))
                await line.recv()
                await line.send(frame)
                try:
                    while True:
                        await line.recv()
                except ConnectionClosed:
                    assert (await http.get("/health")).status_code == 200
                    return line.close_code or 0

    assert asyncio.run(asyncio.wait_for(session(), 20)) == 4400
