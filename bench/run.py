"""`make bench`: every figure of the README in one run on one machine, as a ratio against a bare baseline of the same run.

Load comes open-loop from one process (each message has a planned moment; latency counts from that moment, so a server
that stalls cannot hide it) and shares the machine with the server. Machines are shared and noisy: read the ratios.
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
from websockets.asyncio.client import ClientConnection, connect

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from tests.conftest import Server, free_port, make_server

# The load generator is one source with few citizens; a helpline has many. The limits per source and citizen are lifted.
UNLIMITED = {"starts_burst": "1000000", "message_burst": "1000000"}
TEXT = "hij is weer begonnen en ik weet niet goed wat ik nu moet doen, de kinderen slapen boven"


def percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    at = lambda q: round(ordered[min(len(ordered) - 1, int(len(ordered) * q))] * 1000, 2)  # noqa: E731
    return {"p50_ms": at(0.5), "p99_ms": at(0.99), "max_ms": at(1)}


async def open_loop(
    rate: float, seconds: float, send: Callable[[int, float], Awaitable[None]], done: Callable[[], int]
) -> tuple[int, float]:
    """Calls `send(n, planned)` at `rate` per second. Returns (how many were done, seconds it took until they were)."""
    start = time.perf_counter()
    total = int(rate * seconds)
    tasks: set[asyncio.Task[None]] = set()
    for n in range(total):
        planned = start + n / rate
        wait = planned - time.perf_counter()
        if wait > 0.001:
            await asyncio.sleep(wait)
        task = asyncio.ensure_future(send(n, planned))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    limit = time.perf_counter() + 20
    while done() < total and time.perf_counter() < limit:
        await asyncio.sleep(0.01)
    return done(), time.perf_counter() - start


async def bench_echo(url: str, rate: float, seconds: float, sockets: int) -> dict[str, Any]:
    lines = [await connect(f"{url}/echo", compression=None) for _ in range(sockets)]
    latencies: list[float] = []
    planned_at: dict[str, float] = {}

    async def listen(line: ClientConnection) -> None:
        async for raw in line:
            latencies.append(time.perf_counter() - planned_at.pop(json.loads(raw)["id"]))

    listeners = [asyncio.create_task(listen(line)) for line in lines]

    async def send(n: int, planned: float) -> None:
        id = secrets.token_hex(16)
        planned_at[id] = planned
        await lines[n % sockets].send(json.dumps({"type": "say", "id": id, "text": TEXT}))

    done, took = await open_loop(rate, seconds, send, lambda: len(latencies))
    for listener in listeners:
        listener.cancel()
    for line in lines:
        await line.close()
    return {"offered_per_s": rate, "done": done, "per_s": round(done / took), **percentiles(latencies)}


async def bench_relay(server: Server, cookie: str, rate: float, seconds: float, chats: int) -> dict[str, Any]:
    """Citizen's socket → rules, seal, group commit → operator's socket. Counted where the operator has it."""
    ws = server.url.replace("http", "ws")
    citizens: list[ClientConnection] = []
    operators: list[ClientConnection] = []
    latencies: list[float] = []
    planned_at: dict[tuple[int, str], float] = {}
    http = httpx.AsyncClient(
        base_url=server.url, cookies={"wegwijs": cookie}, headers={"origin": server.url}, timeout=30
    )
    conversations: list[str] = []
    for _ in range(chats):
        started = (await http.post("/chat/start", json={"language": "nl"})).json()
        line = await connect(f"{ws}/chat/live", origin=server.url, compression=None)  # type: ignore[arg-type]
        await line.send(json.dumps({"type": "hello", "token": started["token"], "after": 0}))
        citizens.append(line)
    await asyncio.sleep(1.5)  # the queue's snapshot is at most half a second old
    queue = (await http.get("/api/queue")).json()
    conversations = [item["id"] for item in queue["with_bot"] + queue["waiting"]][-chats:]
    # Which citizen has which conversation does not matter: every operator socket watches one, every citizen writes in one.
    for conversation in conversations:
        (await http.post(f"/api/conversations/{conversation}/claim", json={})).raise_for_status()

    async def drain(line: ClientConnection) -> None:
        async for _ in line:
            pass

    async def listen(line: ClientConnection) -> None:
        async for raw in line:
            frame = json.loads(raw)
            if frame["type"] == "conversation":
                now = time.perf_counter()
                for event in frame["conversation"]["events"]:
                    if event["type"] == "said":
                        planned = planned_at.pop(event["text"], None)  # type: ignore[call-overload]
                        if planned is not None:
                            latencies.append(now - planned)

    tasks = [asyncio.create_task(drain(line)) for line in citizens]
    for conversation in conversations:
        headers = {"Cookie": f"wegwijs={cookie}"}
        line = await connect(f"{ws}/api/live", origin=server.url, compression=None, additional_headers=headers)  # type: ignore[arg-type]
        await line.send(json.dumps({"type": "watch", "conversation": conversation, "after": 0}))
        operators.append(line)
        tasks.append(asyncio.create_task(listen(line)))
    await asyncio.sleep(2)

    async def send(n: int, planned: float) -> None:
        id = secrets.token_hex(16)
        words = f"{TEXT} {id[:8]}"
        planned_at[words] = planned  # type: ignore[index]
        await citizens[n % chats].send(json.dumps({"type": "say", "id": id, "text": words}))

    done, took = await open_loop(rate, seconds, send, lambda: len(latencies))
    for task in tasks:
        task.cancel()
    for line in citizens + operators:
        await line.close()
    for conversation in conversations:
        await http.post(f"/api/conversations/{conversation}/close", json={"outcome": "helped"})
    await http.aclose()
    return {"offered_per_s": rate, "done": done, "per_s": round(done / took), **percentiles(latencies)}


async def bench_idle(server: Server, count: int) -> dict[str, Any]:
    """Resident memory of the server per citizen's connection that says nothing."""
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    ws = server.url.replace("http", "ws")
    tokens = []
    async with httpx.AsyncClient(base_url=server.url, timeout=30) as http:
        for _ in range(count):
            tokens.append((await http.post("/chat/start", json={"language": "nl"})).json()["token"])
    await asyncio.sleep(3)
    before = process.memory_info().rss
    lines = []
    for token in tokens:
        line = await connect(f"{ws}/chat/live", origin=server.url, compression=None)  # type: ignore[arg-type]
        await line.send(json.dumps({"type": "hello", "token": token, "after": 0}))
        lines.append(line)
    await asyncio.sleep(3)
    after = process.memory_info().rss
    for line in lines:
        await line.close()
    return {"connections": count, "kib_each": round((after - before) / 1024 / count, 1)}


async def bench_bot(turns: int) -> dict[str, Any]:
    """One turn of Rasa alone (its channel, on loopback) against the same turn through our whole stack, one at a time."""
    from backend.app import make_services, prepare, quiet_logs
    from backend.assistant.client import RasaAssistant, Turn
    from backend.kit import ids
    from backend.settings import Settings
    from backend.supervisor import BotProcess

    quiet_logs("ERROR")
    words = ["ja ik ben veilig", "mijn man slaat mij al een tijdje", "voor mezelf", "ik ben 34", "in Brasschaat"]
    with tempfile.TemporaryDirectory() as folder, BotProcess(Settings(data_dir=Path(folder) / "bot")) as bot:
        alone: list[float] = []
        through: list[float] = []
        settings = Settings(data_dir=Path(folder) / "var", rasa_url=bot.url, turn_key=bot.turn_key)
        prepare(settings)
        services = make_services(settings)
        rasa = RasaAssistant(bot.url, bot.turn_key, 10)
        await services.start()

        async def direct() -> None:
            slots: dict[str, Any] = {}
            id = ids.new_id()
            slots = (await rasa.answer(Turn(id, 1, "nl", None, slots, {}))).slots
            for n, text in enumerate(words, 2):
                start = time.perf_counter()
                slots = (await rasa.answer(Turn(id, n, "nl", text, slots, {"level": "none"}))).slots
                alone.append(time.perf_counter() - start)

        async def ours() -> None:
            conversation, _ = await services.actions.start(language="nl")
            watcher = services.hub.watcher(f"conversation:{conversation}")

            async def answered() -> None:
                while True:
                    state = await services.log.state(conversation)
                    if state.answered >= state.said or state.speaker != "bot":
                        return
                    await watcher.wait(10)

            await answered()
            for text in words:
                start = time.perf_counter()
                await services.actions.say(conversation, ids.new_id(), text)
                await answered()
                if (await services.log.state(conversation)).speaker == "bot":
                    through.append(time.perf_counter() - start)
            watcher.close()

        for _ in range(max(1, turns // len(words))):
            await direct()
            await ours()
        await rasa.close()
        await services.stop()
    own, whole = statistics.median(alone), statistics.median(through)
    return {
        "rasa_alone": percentiles(alone),
        "through_the_stack": percentiles(through),
        "ratio_of_medians": round(whole / own, 2),
    }


def staff_cookie(server: Server) -> str:
    """A session for the load generator, written to the database as a sign-in would."""
    from sqlalchemy import insert

    from backend.db import tables as t
    from backend.db.session import Database
    from backend.kit import ids, times

    db = Database(f"sqlite:///{Path(server.settings['WEGWIJS_DATA_DIR']) / 'wegwijs.sqlite'}")
    token = ids.new_token()
    person = {"name": "Bench", "username": "bench", "password": "-", "totp": b"-", "totp_step": 0}
    person |= {"role": "operator", "active": True, "available": True, "seen_on": None}

    def work(connection: Any) -> None:
        number = connection.execute(insert(t.operators), person).inserted_primary_key[0]
        session = {"hash": ids.digest(token), "operator": number, "created_at": times.now(), "seen_at": times.now()}
        connection.execute(insert(t.sessions), session)

    db.write_now(work)
    db.close()
    return token


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--chats", type=int, default=60)
    parser.add_argument("--rates", type=float, nargs="+", default=[100, 1000, 1500, 2000])
    parser.add_argument("--idle", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--no-bot", action="store_true", help="leave Rasa out")
    options = parser.parse_args()
    report: dict[str, Any] = {"machine": {"cores": os.cpu_count(), "python": sys.version.split()[0]}}

    def say(name: str, value: Any) -> None:
        report[name] = value
        print(json.dumps({name: value}), flush=True)

    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", "bench.echo:app", "--port", str(port), "--no-access-log"]
        echo = subprocess.Popen([*command, "--ws-per-message-deflate", "false", "--log-level", "error"], cwd=PROJECT)
        try:
            for _ in range(100):
                try:
                    httpx.get(f"http://127.0.0.1:{port}/health")
                    break
                except httpx.HTTPError:
                    time.sleep(0.1)
            for rate in options.rates:
                say(f"echo_{rate:g}", await bench_echo(f"ws://127.0.0.1:{port}", rate, options.seconds, options.chats))
        finally:
            echo.kill()
        server = make_server(Path(folder), log_level="ERROR", **UNLIMITED)
        server.start()
        try:
            cookie = staff_cookie(server)
            for rate in options.rates:
                say(f"relay_{rate:g}", await bench_relay(server, cookie, rate, options.seconds, options.chats))
            say("idle", await bench_idle(server, options.idle))
        finally:
            server.stop()
    if not options.no_bot:
        say("bot", await bench_bot(options.turns))
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    asyncio.run(main())
