"""REL-1, REL-2: kill -9 of the backend and of Rasa at random moments during 20 running chats, 25 times.

No acknowledged message is lost, doubled or out of order, and the bot goes on where it was.
"""

import asyncio
import json
import random
import secrets
import time
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.conftest import Server, make_server

ROUNDS, CHATS = 25, 20
LINES = [
    "ja ik kan praten",
    "het gaat over thuis",
    "voor mezelf",
    "ik ben 40",
    "dat zeg ik liever niet",
    "ik weet het niet",
]


class Citizen:
    """A client written from docs/protocol.md: resends with the same id until the echo comes, resumes from its cursor."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.token = ""
        self.head = 0
        self.seen: list[dict[str, Any]] = []
        self.sent: list[tuple[str, str]] = []
        self.acknowledged: set[str] = set()
        self.line: ClientConnection | None = None
        self.stopping = False

    async def start(self) -> None:
        async with httpx.AsyncClient(base_url=self.server.url, timeout=30) as http:
            self.token = (await http.post("/chat/start", json={"language": "nl"})).json()["token"]

    async def live(self) -> None:
        url = self.server.url.replace("http", "ws") + "/chat/live"
        while not self.stopping:
            try:
                async with connect(url, origin=self.server.url, open_timeout=5) as line:  # type: ignore[arg-type]
                    await line.send(json.dumps({"type": "hello", "token": self.token, "after": self.head}))
                    self.line = line
                    for id, words in self.sent:
                        if id not in self.acknowledged:
                            await line.send(json.dumps({"type": "say", "id": id, "text": words}))
                    async for raw in line:
                        self._take(json.loads(raw))
            except (OSError, ConnectionClosed, TimeoutError, httpx.HTTPError):
                pass
            except Exception as error:  # a half-started server may refuse the handshake
                if type(error).__name__ not in ("InvalidStatus", "InvalidMessage"):
                    raise
            self.line = None
            await asyncio.sleep(random.uniform(0.05, 0.5))

    def _take(self, frame: dict[str, Any]) -> None:
        if frame["type"] != "events":
            return
        for event in frame["events"]:
            assert event["seq"] > (self.seen[-1]["seq"] if self.seen else 0), "doubled or out of order"
            self.seen.append(event)
            if event["id"]:
                self.acknowledged.add(event["id"])
        self.head = frame["head"]

    async def talk(self, words: str) -> None:
        id = secrets.token_hex(16)
        self.sent.append((id, words))
        line = self.line
        if line is not None:
            try:
                await line.send(json.dumps({"type": "say", "id": id, "text": words}))
            except ConnectionClosed:
                pass

    @property
    def settled(self) -> bool:
        return len(self.acknowledged) == len(self.sent)


def test_nothing_acknowledged_is_lost_doubled_or_out_of_order(
    bot: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    server = make_server(tmp_path_factory.mktemp("kill"), rasa_url=bot.url, turn_key=bot.turn_key)
    server.start()
    rng = random.Random(20261123)

    async def settle(citizens: list[Citizen]) -> None:
        async with asyncio.timeout(90):
            while not all(c.settled for c in citizens):
                await asyncio.sleep(0.05)

    async def session() -> list[Citizen]:
        citizens = [Citizen(server) for _ in range(CHATS)]
        for citizen in citizens:
            await citizen.start()
        tasks = [asyncio.create_task(c.live()) for c in citizens]
        for round_ in range(ROUNDS):
            talks = [asyncio.create_task(c.talk(f"{rng.choice(LINES)} {round_}-{n}")) for n, c in enumerate(citizens)]
            await asyncio.sleep(rng.uniform(0.0, 0.25))
            if round_ % 3 == 2:
                await asyncio.to_thread(bot.kill)
            else:
                server.kill()
                await asyncio.sleep(rng.uniform(0, 0.3))
                await asyncio.to_thread(server.start)
            await asyncio.gather(*talks)
            await settle(citizens)
        for citizen in citizens:
            citizen.stopping = True
            if citizen.line is not None:
                await citizen.line.close()
        await asyncio.gather(*tasks)
        return citizens

    try:
        citizens = asyncio.run(session())
        for citizen in citizens:
            # What a fresh reader gets equals what this one saw, live, over all the kills.
            fresh = httpx.post(server.url + "/chat/events", json={"token": citizen.token, "after": 0}).json()["events"]
            assert fresh == citizen.seen
            mine = [(e["id"], e["text"]) for e in fresh if e["who"] == "you"]
            assert sorted(mine) == sorted(citizen.sent)
            assert len(mine) == len({id for id, _ in mine}) == ROUNDS
            assert [text.rsplit(" ", 1)[1].split("-")[0] for _, text in mine] == [str(n) for n in range(ROUNDS)]
    finally:
        server.stop()


def test_the_bot_goes_on_where_it_was_after_kills_of_either(bot: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same intake, undisturbed and with a kill before every answer: the bot says the same."""
    server = make_server(tmp_path_factory.mktemp("resume"), rasa_url=bot.url, turn_key=bot.turn_key)
    server.start()
    intake = [
        "Ja, het is veilig",
        "er is al een tijd veel ruzie bij ons thuis",
        "Over mij",
        "26 tot 59",
        "Zeg ik liever niet",
    ]

    def post(path: str, **body: Any) -> Any:
        return httpx.post(server.url + path, json=body, timeout=30, trust_env=False).json()

    def talk(disturb: bool) -> list[str]:
        token = post("/chat/start", language="nl")["token"]

        def computer(at_least: int) -> list[str]:
            for _ in range(200):
                said = [e["text"] for e in post("/chat/events", token=token)["events"] if e["who"] == "computer"]
                if len(said) >= at_least:
                    return said
                time.sleep(0.1)
            raise AssertionError("the bot does not answer")

        said = computer(2)
        for number, words in enumerate(intake):
            time.sleep(0.5)
            said = computer(len(said))
            if disturb and number % 2:
                bot.kill()
                time.sleep(0.5)
                bot.wait_ready()
            elif disturb:
                server.kill()
                server.start()
            post("/chat/say", token=token, id=secrets.token_hex(16), text=words)
            said = computer(len(said) + 1)
        time.sleep(1)
        return computer(len(said))

    try:
        undisturbed = talk(disturb=False)
        assert len(undisturbed) >= len(intake) + 1
        assert talk(disturb=True) == undisturbed
    finally:
        server.stop()
