"""`helpline run`: Rasa, its action server and the backend, started, watched and stopped together.

The backend starts at once and serves people while Rasa is still training, starting or broken: rules and people work
without it. `BotProcess` is Rasa alone, for `helpline assess`, `helpline talk` and the tests.
"""

import argparse
import hashlib
import itertools
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType

from backend.children import TICK, Child, PortsBusy, Say, Supervisor, asks, check_ports, free_ports, leashed
from backend.settings import PROJECT, Settings

HOPELESS = 3  # deaths before the first answer after which a child is given up
BOT_PYTHON = PROJECT / "bot" / ".venv" / "bin" / "python"
MODELS = PROJECT / "bot" / "models"
MODEL = MODELS / "wegwijs.tar.gz"
MODEL_INPUTS = "config.yml", "bot/domain", "bot/components", "training_data", "bot/requirements.lock"


class BotUnavailable(Exception):
    """The bot could not be trained or started; the sentence says where to look."""


# --- what the children are --------------------------------------------------------------------------------------------


def bot_children(settings: Settings, rasa_port: int, actions_port: int, turn_key: str) -> list[Child]:
    """Rasa's server and its action server, on loopback only."""
    environment = bot_environment() | {
        "WEGWIJS_TURN_KEY": turn_key,
        "WEGWIJS_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
    }
    actions, rasa = quiet("actions", "--port", str(actions_port)), quiet("rasa", "--port", str(rasa_port))
    healthy = asks(f"http://127.0.0.1:{actions_port}/health")
    ready = asks(f"http://127.0.0.1:{rasa_port}/webhooks/helpline/ready", {"X-Turn-Key": turn_key})
    return [
        Child("actions", actions, logs(settings) / "actions.log", PROJECT, environment, healthy),
        Child("rasa", rasa, logs(settings) / "rasa.log", PROJECT, environment, ready),
    ]


def backend_child(settings: Settings) -> Child:
    """One uvicorn worker with the limits of docs/protocol.md; the settings go along as they are here."""
    listen = ["--host", settings.host, "--port", str(settings.port), "--loop", "uvloop", "--http", "httptools"]
    sockets = ["--ws", "websockets-sansio", "--ws-max-size", "32768", "--ws-per-message-deflate", "false"]
    # No access log and no proxy headers: an address of a citizen is neither written nor believed (PRIV-2).
    quiet = ["--no-access-log", "--no-server-header", "--no-proxy-headers", "--timeout-graceful-shutdown", "8"]
    command = [sys.executable, "-m", "uvicorn", "backend.app:make_app", "--factory", *listen, *sockets, *quiet]
    ready = asks(f"{local_address(settings.host, settings.port)}/health")
    return Child("backend", command, logs(settings) / "backend.log", PROJECT, backend_environment(settings), ready)


def training_child(settings: Settings) -> Child:
    command = [sys.executable, "-m", "backend.supervisor", "train"]
    return Child("training", command, logs(settings) / "training.log", PROJECT, dict(os.environ), restart=False)


def quiet(*arguments: str) -> list[str]:
    """Rasa inside `bot/quiet.py`, which keeps people's words out of everything that Rasa prints."""
    return [str(BOT_PYTHON), "-m", "bot.quiet", *arguments]


def bot_environment() -> dict[str, str]:
    """No keys, no database, no proxy: of our own variables Rasa gets only those that are set beside this call."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WEGWIJS_", "TWILIO_", "PG")) and not name.lower().endswith("_proxy")
    }
    return kept | {
        "SANIC_HOST": "127.0.0.1",  # whatever the machine says; the action server is nobody else's
        "PYTHONUNBUFFERED": "1",
        "PYTHONHASHSEED": "0",  # the same inputs give the same model; must be set before Python starts
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


def backend_environment(settings: Settings) -> dict[str, str]:
    ours = {f"WEGWIJS_{k.upper()}": str(v) for k, v in settings.model_dump().items() if v is not None}
    return dict(os.environ) | ours | {"PYTHONUNBUFFERED": "1"}


def local_address(host: str, port: int) -> str:
    """Where this machine reaches a server that listens on `host`."""
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def logs(settings: Settings) -> Path:
    return settings.data_dir / "logs"


# --- the model --------------------------------------------------------------------------------------------------------


def model_inputs() -> str:
    """SHA-256 over names and contents of everything that the model is made of."""
    digest = hashlib.sha256()
    for path in sorted(itertools.chain.from_iterable(_files(PROJECT / name) for name in MODEL_INPUTS)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(PROJECT).as_posix()} {content}\n".encode())
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for inner in path.rglob("*"):
        hidden = any(part.startswith((".", "__pycache__")) for part in inner.relative_to(path).parts)
        if inner.is_file() and not hidden and inner.suffix != ".pyc":
            yield inner


def model_is_fresh() -> bool:
    with suppress(FileNotFoundError):
        return MODEL.exists() and (MODELS / "inputs.sha256").read_text(encoding="ascii").strip() == model_inputs()
    return False


def train(*, force: bool = False) -> int:
    """Train when the inputs changed; returns Rasa's exit code. Two at once: the second waits and finds it done."""
    MODELS.mkdir(parents=True, exist_ok=True)
    with _alone(MODELS / ".lock"):
        if not force and model_is_fresh():
            return 0
        inputs, stamp = model_inputs(), MODELS / "inputs.sha256"
        stamp.unlink(missing_ok=True)  # a training that is interrupted must not look finished
        command = leashed(quiet("train", *(["--force"] if force else [])))
        code = subprocess.run(command, cwd=PROJECT, env=bot_environment(), stdin=subprocess.DEVNULL).returncode
        if code == 0 and MODEL.exists():
            stamp.write_text(inputs + "\n", encoding="ascii")
            return 0
        return code or 1


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    import fcntl

    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- helpline run -----------------------------------------------------------------------------------------------------


class Progress:
    """Lines on stderr, and a count of the seconds while something takes long (in a file: a line now and then)."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self._live = sys.stderr.isatty()
        self._shown = -1

    @property
    def seconds(self) -> int:
        return int(time.monotonic() - self._begin)

    def say(self, text: str) -> None:
        clear = "\r\x1b[K" if self._live else ""
        print(f"{clear}{text}", file=sys.stderr, flush=True)

    def waiting(self, what: str) -> None:
        every = 1 if self._live else 15
        if self.seconds // every != self._shown:
            self._shown = self.seconds // every
            end = "" if self._live else "\n"
            clear = "\r\x1b[K" if self._live else ""
            print(f"{clear}{what} … {self.seconds} s", end=end, file=sys.stderr, flush=True)


class Run:
    """One `helpline run`: the backend at once, the bot when it is trained and answers, until Ctrl-C."""

    def __init__(self, settings: Settings, with_bot: bool, first_code: Callable[[], str | None]) -> None:
        self.turn_key = settings.turn_key or secrets.token_hex(32)
        changes: dict[str, str] = {"turn_key": self.turn_key}
        if with_bot:
            changes["rasa_url"] = f"http://127.0.0.1:{settings.rasa_port}"
        self.settings = settings.model_copy(update=changes)
        self.with_bot, self.first_code = with_bot, first_code
        self.progress = Progress()
        self.supervisor = Supervisor(self.progress.say)
        self.backend = backend_child(self.settings)
        self.training: Child | None = None
        self.bot: list[Child] = []
        self.stops = 0
        self._backend_told = self._bot_told = False

    def __call__(self) -> int:
        check_ports(self._ports())
        previous = {n: signal.signal(n, self._on_signal) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            self.supervisor.add(self.backend)
            if self.with_bot:
                self._begin_bot()
            while not self.stops:
                self.supervisor.look()
                if self._hopeless():
                    return 1
                self._tell()
                time.sleep(TICK)
            self.progress.say("Stopping …")
            return 0
        finally:
            self.supervisor.stop()
            self.progress.say("Stopped.")
            for number, handler in previous.items():
                signal.signal(number, handler)

    def _ports(self) -> Iterator[tuple[str, str, int]]:
        yield "WEGWIJS_PORT", self.settings.host, self.settings.port
        if self.with_bot:
            yield "WEGWIJS_RASA_PORT", "127.0.0.1", self.settings.rasa_port
            yield "WEGWIJS_ACTIONS_PORT", "127.0.0.1", self.settings.actions_port

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stops += 1
        if self.stops > 1:
            self.supervisor.hurry()

    def _begin_bot(self) -> None:
        if not BOT_PYTHON.exists():
            self.progress.say("The bot's environment is missing; run `make setup`. Rules and people work without it.")
            self.with_bot = False
        elif model_is_fresh():
            self._start_bot()
        else:
            self.progress.say("The bot's texts or examples changed: training it (a few minutes)")
            self.training = training_child(self.settings)
            self.supervisor.add(self.training)

    def _start_bot(self) -> None:
        ports = self.settings.rasa_port, self.settings.actions_port
        self.bot = bot_children(self.settings, *ports, self.turn_key)
        self.supervisor.add(*self.bot)

    def _hopeless(self) -> bool:
        """A backend that never answered and keeps ending has a reason that a restart does not take away."""
        if self.backend.was_ready or self.backend.deaths < HOPELESS:
            return False
        self.progress.say(f"The backend does not start; the reason is at the end of {self.backend.log}")
        return True

    def _tell(self) -> None:
        if self.backend.was_ready and not self._backend_told:
            self._backend_told = True
            self._tell_addresses()
        if self.training and self.training.finished:
            code, log, self.training = self.training.exit_code, self.training.log, None
            if code == 0:
                self.progress.say(f"The bot is trained ({self.progress.seconds} s)")
                self._start_bot()
            else:
                self.progress.say(
                    f"Training failed (exit code {code}), see {log}. Rules and people work without the bot."
                )
                self.with_bot = False
        if self.bot and not self._bot_told and all(child.is_ready for child in self.bot):
            self._bot_told = True
            self.progress.say(f"The bot takes part ({self.progress.seconds} s). Ctrl-C stops everything.")
        self._tell_waiting()

    def _tell_waiting(self) -> None:
        if not self._backend_told:
            self.progress.waiting("Starting the backend")
        elif self.training:
            self.progress.waiting("Training the bot")
        elif self.with_bot and not self._bot_told:
            self.progress.waiting("Starting the bot")

    def _tell_addresses(self) -> None:
        address = self.settings.address
        rows = ("Citizens", "/"), ("Operators", "/console"), ("Figures", "/cijfers")
        lines = [f"  {name:<10} {address}{path}" for name, path in rows]
        code = self.first_code()
        if code:
            lines += ["", f"  Nobody can sign in yet. Open {address}/welkom within 24 hours and enter this code, once:"]
            lines += ["", f"      {code}"]
        after = "" if self.with_bot else " Ctrl-C stops everything."
        self.progress.say("\n".join([f"The helpline answers ({self.progress.seconds} s).{after}", "", *lines, ""]))


def run_everything(settings: Settings, *, with_bot: bool, first_code: Callable[[], str | None]) -> int:
    """Runs until Ctrl-C or SIGTERM. Exit codes: 0 stopped, 1 the backend does not start, 2 a port is in use."""
    try:
        return Run(settings, with_bot, first_code)()
    except PortsBusy as error:
        print(error, file=sys.stderr)
        return 2


# --- the bot alone ----------------------------------------------------------------------------------------------------


class BotProcess:
    """Rasa and its action server on free ports, trained when needed: `with BotProcess(settings) as bot: bot.url`.

    Enter it on a thread that lives until it is left. Nothing is restarted in between; `children` may be killed in tests
    and `supervisor.look()` starts them again.
    """

    def __init__(self, settings: Settings, *, progress: Say | None = None, seconds: float = 240.0) -> None:
        self._say = progress or Progress().say
        self._seconds = seconds
        rasa_port, actions_port = free_ports(2)
        self.url = f"http://127.0.0.1:{rasa_port}"
        self.turn_key = secrets.token_hex(32)
        self.supervisor = Supervisor(self._say)
        self.children = bot_children(settings, rasa_port, actions_port, self.turn_key)
        self._training = training_child(settings)

    @property
    def ready(self) -> bool:
        return all(child.is_ready for child in self.children)

    def __enter__(self) -> "BotProcess":
        try:
            self._start()
        except BaseException:
            self.supervisor.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.supervisor.stop()

    def _start(self) -> None:
        if not BOT_PYTHON.exists():
            raise BotUnavailable("The bot's environment is missing; run `make setup`.")
        begin = time.monotonic()
        if not model_is_fresh():
            self._say("training the bot …")
            self.supervisor.add(self._training)
            if not self.supervisor.wait(lambda: self._training.finished, 3600) or self._training.exit_code:
                raise BotUnavailable(f"Training the bot failed; the reason is at the end of {self._training.log}")
            self.supervisor.children.clear()
        self._say("starting the bot …")
        self.supervisor.add(*self.children)
        rasa = self.children[-1]
        self.supervisor.wait(lambda: self.ready or rasa.deaths >= HOPELESS, self._seconds)
        if not self.ready:
            raise BotUnavailable(f"The bot does not start; the reason is at the end of {rasa.log}")
        self._say(f"the bot answers ({time.monotonic() - begin:.0f} s)")


def main() -> int:
    """`python -m backend.supervisor train [--force]`, which `make train` calls."""
    parser = argparse.ArgumentParser(prog="python -m backend.supervisor", description="Train the bot.")
    train_command = parser.add_subparsers(required=True, metavar="COMMAND").add_parser("train", help="train the bot")
    train_command.add_argument("--force", action="store_true", help="also when nothing changed")
    return train(force=parser.parse_args().force)


if __name__ == "__main__":
    sys.exit(main())
