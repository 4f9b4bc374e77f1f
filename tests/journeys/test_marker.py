"""PRIV-1, PRIV-2: words, addresses and user agents of 100 chats are nowhere in clear, at DEBUG, in any file of the line."""

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from tests.conftest import make_server


def test_no_word_no_address_no_browser_of_a_hundred_chats_is_found_in_clear(
    bot: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("marker")
    server = make_server(folder, rasa_url=bot.url, turn_key=bot.turn_key, log_level="DEBUG", host="127.0.0.1")
    server.start()
    markers: list[str] = []
    addresses = [f"127.{10 + n // 50}.{n % 250}.77" for n in range(100)]

    async def chat(n: int, room: asyncio.Semaphore) -> None:
        word, agent = "merk" + secrets.token_hex(8), "Browser" + secrets.token_hex(8)
        markers.extend((word, agent))
        async with room:
            transport = httpx.AsyncHTTPTransport(local_address=addresses[n])
            headers = {"user-agent": agent, "x-forwarded-for": addresses[n]}
            async with httpx.AsyncClient(base_url=server.url, headers=headers, transport=transport, timeout=60) as http:
                started = (await http.post("/chat/start", json={"language": "nl"})).json()
                token = started["token"]
                markers.append(token)
                if n % 2:
                    for words in (f"ja {word}", f"mijn man {word} slaat mij", f"/{word}", f"ik woon in {word}"):
                        sent = await http.post(
                            "/chat/say", json={"token": token, "id": secrets.token_hex(16), "text": words}
                        )
                        assert sent.status_code == 200
                    await http.post("/chat/say", json={"token": token, "id": "fout", "text": word})
                    await http.post("/chat/say", content=f'{{"token": "{word}", "text": "{word}"}}')
                else:
                    url = server.url.replace("http", "ws") + "/chat/live"
                    async with connect(
                        url,
                        origin=server.url,
                        user_agent_header=agent,
                        local_addr=(addresses[n], 0),  # type: ignore[arg-type]
                    ) as line:
                        await line.send(json.dumps({"type": "hello", "token": token, "after": 0}))
                        for words in (f"ja {word}", f"hij {word} dreigt met een mes", word):
                            await line.send(json.dumps({"type": "say", "id": secrets.token_hex(16), "text": words}))
                        await asyncio.sleep(1)
                        await line.send(f'{{"type": "say", "text": "{word}"}}')
                        await asyncio.sleep(0.2)

    async def everything() -> None:
        room = asyncio.Semaphore(10)
        await asyncio.gather(*(chat(n, room) for n in range(100)))
        await asyncio.sleep(8)  # the bot's last turns

    try:
        asyncio.run(everything())
        searched = _files(folder) + _files(Path(bot.folder))
        assert any(file.name == "wegwijs.sqlite" for file in searched)
        assert server.log in searched
        found = {
            (marker, file.name)
            for file in searched
            for marker in [*markers, *addresses]
            if marker.encode() in file.read_bytes()
        }
        assert not found
    finally:
        server.stop()


def _files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file()]
