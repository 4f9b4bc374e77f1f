"""`helpline run`: starts Rasa, its action server and the backend, and starts again what dies.

Each child is a process group of its own, writes to `<data>/logs/<name>.log` and dies with its parent, also after
`kill -9`. One thread looks at all of them every tenth of a second; nothing here waits for one child alone, so the
backend serves people while Rasa is still training, starting or broken. What is said here holds no words of anyone.
"""

import argparse
import hashlib
import itertools
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType

import httpx

from backend.settings import PROJECT, Settings

Say = Callable[[str], None]
Ready = Callable[[], bool]

TICK = 0.1  # seconds between two looks at all children
BACKOFF = 0.5, 10.0  # seconds before the first and the slowest restart
STEADY = 60.0  # seconds of life after which a death counts as the first again
LOOK = 5.0  # seconds between two questions to a child that is ready
HANGS = 45.0  # seconds without an answer after which a child that was ready is ended and started again
GRACE = 12.0  # seconds between SIGTERM and SIGKILL; uvicorn itself takes at most 8
LOG_BYTES = 5_000_000  # one log and its predecessor
HOPELESS = 3  # deaths before the first answer after which the backend is given up

BOT_PYTHON = PROJECT / "bot" / ".venv" / "bin" / "python"
MODELS = PROJECT / "bot" / "models"
MODEL = MODELS / "wegwijs.tar.gz"
MODEL_INPUTS = "config.yml", "bot/domain", "bot/components", "training_data", "bot/requirements.lock"

# Runs before the child's own program: asks Linux to end this process with its parent, then becomes the program.
# A program of its own and not `preexec_fn`, which may block for ever in a process that has threads.
_LEASH = """
import os, sys
if sys.platform == "linux":
    import ctypes, signal
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != int(sys.argv[1]):
        sys.exit(1)
os.execv(sys.argv[2], sys.argv[2:])
"""


class PortsBusy(Exception):
    """Another program listens where we want to; the sentence says what to do."""


class BotUnavailable(Exception):
    """The bot could not be trained or started; the sentence says where to look."""


# --- one child --------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Child:
    """A command, the question that tells whether it answers, and what became of it. `name` is also its log's name."""

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    ready: Ready = lambda: True
    restart: bool = True
    is_ready: bool = field(default=False, init=False)
    was_ready: bool = field(default=False, init=False)
    deaths: int = field(default=0, init=False)
    exit_code: int | None = field(default=None, init=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _answered: float = field(default=0.0, init=False)
    _looked: float = field(default=0.0, init=False)
    _again_at: float = field(default=0.0, init=False)
    _backoff: float = field(default=BACKOFF[0], init=False)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None

    @property
    def finished(self) -> bool:
        """Ran once, ended, and is not to run again."""
        return self.exit_code is not None and not self.restart and not self.running

    def start(self, now: float) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        leash = [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid())]
        with open(os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as out:
            self._process = subprocess.Popen(
                [*leash, *self.command],
                cwd=PROJECT,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                process_group=0,
            )
        self.exit_code, self.is_ready = None, False
        self._started = self._answered = now
        self._looked = 0.0

    def look(self, now: float, say: Say) -> None:
        """Note a death, start again when it is time, ask whether it answers, keep its log small."""
        if self._process is not None:
            code = self._process.poll()
            if code is not None:
                self._died(code, now, say)
        elif self.restart and now >= self._again_at:
            self.start(now)
        if self._process is not None and now - self._looked >= (LOOK if self.is_ready else 5 * TICK):
            self._looked = now
            self._ask(now, say)
            rotate(self.log)

    def _ask(self, now: float, say: Say) -> None:
        if self.ready():
            self.is_ready = self.was_ready = True
            self._answered = now
        elif self.is_ready and now - self._answered > HANGS:
            say(f"{self.name} does not answer any more; it is ended and started again")
            self.signal(signal.SIGKILL)

    def _died(self, code: int, now: float, say: Say) -> None:
        self.signal(signal.SIGKILL)  # what it left behind in its group
        self._process, self.exit_code, self.is_ready = None, code, False
        self.deaths += 1
        if not self.restart:
            return
        if now - self._started >= STEADY:
            self._backoff = BACKOFF[0]
        say(f"{self.name} ended (exit code {code}); starting it again in {self._backoff:g} s")
        self._again_at = now + self._backoff
        self._backoff = min(2 * self._backoff, BACKOFF[1])

    def signal(self, number: int) -> None:
        if self._process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def ended(self) -> bool:
        """True when nothing runs; used while stopping, when nothing is started again."""
        if self._process is not None and self._process.poll() is not None:
            self.exit_code, self.is_ready = self._process.returncode, False
            self.signal(signal.SIGKILL)
            self._process = None
        return self._process is None


def rotate(log: Path, limit: int = LOG_BYTES) -> None:
    """Copy and empty: the child keeps its file open in append mode and needs to know nothing."""
    with suppress(FileNotFoundError):
        if log.stat().st_size > limit:
            shutil.copyfile(log, log.with_suffix(".1.log"))
            os.chmod(log.with_suffix(".1.log"), 0o600)
            os.truncate(log, 0)


# --- all children -----------------------------------------------------------------------------------------------------


class Supervisor:
    """The children and one loop. Start it on a thread that lives as long as they should: Linux ends them with it."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.children: list[Child] = []
        self._hurry = False

    def add(self, *children: Child) -> None:
        for child in children:
            self.children.append(child)
            child.start(time.monotonic())

    def look(self) -> None:
        for child in self.children:
            child.look(time.monotonic(), self.say)

    def wait(self, until: Callable[[], bool], seconds: float) -> bool:
        """Keep looking until it is so; False when the time is over."""
        end = time.monotonic() + seconds
        while not until():
            if time.monotonic() >= end:
                return False
            self.look()
            time.sleep(TICK)
        return True

    def hurry(self) -> None:
        """A second Ctrl-C: whoever is stopping stops waiting."""
        self._hurry = True

    def stop(self) -> None:
        """SIGTERM to all, SIGKILL after `GRACE` seconds or when told to hurry. Returns when nothing runs."""
        for child in self.children:
            child.restart = False
            child.signal(signal.SIGTERM)
        end = time.monotonic() + GRACE
        while not all([child.ended() for child in self.children]):
            if self._hurry or time.monotonic() >= end:
                for child in self.children:
                    child.signal(signal.SIGKILL)
            time.sleep(TICK / 2)


# --- what the children are --------------------------------------------------------------------------------------------


def bot_children(settings: Settings, rasa_port: int, actions_port: int, turn_key: str) -> list[Child]:
    """Rasa's server and its action server, on loopback only."""
    environment = bot_environment() | {
        "WEGWIJS_TURN_KEY": turn_key,
        "WEGWIJS_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
    }
    files = ["--endpoints", "bot/endpoints.yml", "--credentials", "bot/credentials.yml"]
    listen = ["--interface", "127.0.0.1", "--port", str(rasa_port)]
    rasa = rasa_command("run", "--model", str(MODEL.relative_to(PROJECT)), *files, *listen)
    actions = rasa_command("run", "actions", "--actions", "bot.actions", "--port", str(actions_port))
    rasa_url, actions_url = f"http://127.0.0.1:{rasa_port}", f"http://127.0.0.1:{actions_port}"
    ready = asks(f"{rasa_url}/webhooks/helpline/ready", {"X-Turn-Key": turn_key})
    return [
        Child("actions", actions, logs(settings) / "actions.log", environment, asks(f"{actions_url}/health")),
        Child("rasa", rasa, logs(settings) / "rasa.log", environment, ready),
    ]


def backend_child(settings: Settings) -> Child:
    """One uvicorn worker with the limits of docs/protocol.md; the settings go along as they are here."""
    listen = ["--host", settings.host, "--port", str(settings.port), "--loop", "uvloop", "--http", "httptools"]
    sockets = ["--ws", "websockets-sansio", "--ws-max-size", "32768", "--ws-per-message-deflate", "false"]
    # No access log and no proxy headers: an address of a citizen is neither written nor believed (PRIV-2).
    quiet = ["--no-access-log", "--no-server-header", "--no-proxy-headers", "--timeout-graceful-shutdown", "8"]
    command = [sys.executable, "-m", "uvicorn", "backend.app:make_app", "--factory", *listen, *sockets, *quiet]
    ready = asks(f"{local_address(settings.host, settings.port)}/health")
    return Child("backend", command, logs(settings) / "backend.log", backend_environment(settings), ready)


def training_child(settings: Settings) -> Child:
    command = [sys.executable, "-m", "backend.supervisor", "train"]
    return Child("training", command, logs(settings) / "training.log", dict(os.environ), restart=False)


def rasa_command(*arguments: str) -> list[str]:
    """Rasa's own command line inside `bot.quiet`, which keeps people's words out of everything Rasa prints."""
    return [str(BOT_PYTHON), "-m", "bot.quiet", *arguments]


def bot_environment() -> dict[str, str]:
    """No keys, no database, no proxy: of our own variables Rasa gets only those that are set beside this call."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WEGWIJS_", "TWILIO_", "PG")) and not name.lower().endswith("_proxy")
    }
    return kept | {
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(MODELS / "cache"),
        "SANIC_HOST": "127.0.0.1",  # the action server listens on all addresses without it
        "PYTHONUNBUFFERED": "1",
        "PYTHONHASHSEED": "0",  # the same inputs give the same model
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TF_DETERMINISTIC_OPS": "1",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    }


def backend_environment(settings: Settings) -> dict[str, str]:
    ours = {f"WEGWIJS_{k.upper()}": str(v) for k, v in settings.model_dump().items() if v is not None}
    return dict(os.environ) | ours | {"PYTHONUNBUFFERED": "1"}


def asks(url: str, headers: Mapping[str, str] | None = None) -> Ready:
    """The question whether a GET is answered with 200, for at most half a second and never through a proxy."""

    def answered() -> bool:
        with suppress(httpx.HTTPError), httpx.Client(trust_env=False, timeout=0.5, verify=False) as client:
            return client.get(url, headers=headers).status_code == 200
        return False

    return answered


def local_address(host: str, port: int) -> str:
    """Where this machine reaches a server that listens on `host`."""
    host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def logs(settings: Settings) -> Path:
    return settings.data_dir / "logs"


# --- ports ------------------------------------------------------------------------------------------------------------


def check_ports(wanted: Iterable[tuple[str, str, int]]) -> None:
    """`(setting, host, port)` each; raises with one sentence that names every port somebody else has."""
    busy = [(setting, port) for setting, host, port in wanted if not port_is_free(host, port)]
    if busy:
        which = " and ".join(str(port) for _, port in busy)
        other = " ".join(f"{setting}={port + 100}" for setting, port in busy)
        noun = "Port" if len(busy) == 1 else "Ports"
        verb = "is" if len(busy) == 1 else "are"
        stop = "perhaps by another `make run`. Stop that program"
        raise PortsBusy(f"{noun} {which} {verb} in use, {stop}, or choose: {other} make run")


def port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Ports that nobody had a moment ago."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()


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
        inputs, new = model_inputs(), MODELS / "new"
        shutil.rmtree(new, ignore_errors=True)
        sources = ["--config", "config.yml", "--domain", "bot/domain", "--data", "training_data"]
        out = ["--out", str(new), "--fixed-model-name", MODEL.name.removesuffix(".tar.gz")]
        leash = [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid())]
        command = [*leash, *rasa_command("train", *sources, *out)]
        code = subprocess.run(command, cwd=PROJECT, env=bot_environment(), stdin=subprocess.DEVNULL).returncode
        if code == 0 and not (new / MODEL.name).exists():
            code = 1
        if code == 0:
            os.replace(new / MODEL.name, MODEL)
            (MODELS / "inputs.sha256").write_text(inputs + "\n", encoding="ascii")
        shutil.rmtree(new, ignore_errors=True)
        return code


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    import fcntl

    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# --- helpline run -----------------------------------------------------------------------------------------------------


class Progress:
    """Lines on stderr, and a count of the seconds while something takes long: one line that changes, or now and then one."""

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
