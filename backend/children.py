"""Child processes that are watched: started, asked whether they answer, started again, stopped.

Each child is a process group of its own, writes to its log and dies with its parent, also after `kill -9`. One thread
looks at all of them every tenth of a second; nothing here waits for one child alone. What is said holds no words of
anyone: a name, an exit code, seconds. Knows nothing of helplines.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

Say = Callable[[str], None]
Ready = Callable[[], bool]

TICK = 0.1  # seconds between two looks at all children
BACKOFF = 0.5, 10.0  # seconds before the first and the slowest restart
STEADY = 60.0  # seconds of life after which a death counts as the first again
LOOK = 5.0  # seconds between two questions to a child that is ready
HANGS = 45.0  # seconds without an answer after which a child that was ready is ended and started again
GRACE = 12.0  # seconds between SIGTERM and SIGKILL; uvicorn itself takes at most 8
LOG_BYTES = 5_000_000  # one log and its predecessor

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


@dataclass(slots=True)
class Child:
    """A command, the question that tells whether it answers, and what became of it. `name` is also its log's name."""

    name: str
    command: Sequence[str]
    log: Path
    folder: Path
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
        self.log.touch(mode=0o600)
        with self.log.open("ab") as out:
            self._process = subprocess.Popen(
                leashed(self.command),
                cwd=self.folder,
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
            former = log.with_suffix(".1.log")
            former.touch(mode=0o600)
            shutil.copyfile(log, former)
            os.truncate(log, 0)


def leashed(command: Sequence[str]) -> list[str]:
    """The command with something in front that ends it when this process (Linux: this thread) ends in any way."""
    return [sys.executable, "-I", "-S", "-c", _LEASH, str(os.getpid()), *command]


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
        while not all(child.ended() for child in self.children):
            if self._hurry or time.monotonic() >= end:
                for child in self.children:
                    child.signal(signal.SIGKILL)
            time.sleep(TICK / 2)


def asks(url: str, headers: Mapping[str, str] | None = None) -> Ready:
    """The question whether a GET is answered with 200, for at most half a second and never through a proxy."""

    def answered() -> bool:
        with suppress(httpx.HTTPError), httpx.Client(trust_env=False, timeout=0.5) as client:
            return client.get(url, headers=headers).status_code == 200
        return False

    return answered


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
