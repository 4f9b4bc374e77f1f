#!/usr/bin/env python3
"""Build the two Python environments from their lock files; do nothing when they are already right.

`.venv` is the backend's (Python 3.11 or later), `bot/.venv` is Rasa's (Python 3.10). A stamp in each environment
holds the SHA-256 of the files it was built from; only a difference reinstalls. Needs nothing but the standard library
and runs on any Python 3.8 or later, because it may be what finds or fetches a newer one.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).resolve().parent.parent
TOOLS = PROJECT / ".tools"
STAMP = "wegwijs-stamp.json"
BACKEND_AT_LEAST = (3, 11)
LOCKS = "requirements.lock", "requirements-test.lock"


class SetupError(Exception):
    """A sentence that tells what to do."""


class Environment:
    """One virtual environment and the stamp that says what it was built from."""

    def __init__(self, folder: str) -> None:
        self.folder = PROJECT / folder
        self.python = self.folder / "bin" / "python"

    def stamp(self) -> dict:
        try:
            stamp = json.loads((self.folder / STAMP).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamp if isinstance(stamp, dict) and self.works() else {}

    def works(self) -> bool:
        """A moved folder or a removed Python leaves an environment behind that no longer starts."""
        with contextlib.suppress(OSError):
            done = subprocess.run([str(self.python), "-c", "import sys; print(sys.prefix)"], capture_output=True)
            return Path(done.stdout.decode().strip() or "/").resolve() == self.folder.resolve()
        return False

    def write(self, stamp: dict) -> None:
        (self.folder / STAMP).write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")

    def forget(self) -> None:
        """An installation that is interrupted must not look finished."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / STAMP).unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description="Build the Python environments of Wegwijs from their lock files.")
    parser.add_argument("--test", action="store_true", help="also install what the tests and `make check` need")
    parser.add_argument("--no-bot", action="store_true", help="leave out Rasa's environment (the large one)")
    parser.add_argument("--lock", action="store_true", help="instead: write the three lock files again")
    parser.add_argument("--adopt", action="store_true", help="instead: stamp existing environments as up to date")
    options = parser.parse_args()
    try:
        if options.lock:
            lock()
        elif options.adopt:
            adopt(options.test)
        else:
            with alone():
                set_up_backend(options.test)
                if not options.no_bot:
                    set_up_bot()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: stopped; the next run goes on from here", file=sys.stderr)
        return 130
    return 0


# --- the two environments -----------------------------------------------------------------------------------------


def set_up_backend(test: bool) -> None:
    """The test lock holds the runtime lock's versions and more, so an environment with it serves `make run` too."""
    environment = Environment(".venv")
    stamp = environment.stamp()
    test = test or "requirements-test.lock" in stamp
    wanted = backend_stamp(test)
    if stamp == wanted:
        return
    locks = {name: stamp.get(name) for name in LOCKS}
    if not stamp or locks != {name: wanted.get(name) for name in LOCKS}:
        fill(environment, LOCKS[1] if test else LOCKS[0], backend_python, "the backend's environment")
    # The build backend comes from the locked test set, by hash, and leaves nothing behind in the environment.
    build = ["--no-deps", "--build-constraint", LOCKS[1], "--editable", "."]
    uv("pip", "install", "--quiet", "--python", str(environment.python), *build)
    environment.write(wanted)


def set_up_bot() -> None:
    environment = Environment("bot/.venv")
    if environment.stamp() != bot_stamp():
        fill(environment, "bot/requirements.lock", bot_python, "Rasa's environment (2.7 GB, a few minutes)")
        environment.write(bot_stamp())


def fill(environment: Environment, lock_file: str, python: Callable[[], str], what: str) -> None:
    """Make the environment when it is missing or broken, then make it hold exactly what the lock says."""
    with step(f"Installing {what} from {lock_file}"):
        environment.forget()
        if not environment.works():
            uv("venv", "--quiet", "--clear", "--python", python(), str(environment.folder))
        uv("pip", "sync", "--quiet", "--require-hashes", "--python", str(environment.python), lock_file)


def adopt(test: bool) -> None:
    for environment, stamp in ((Environment(".venv"), backend_stamp(test)), (Environment("bot/.venv"), bot_stamp())):
        if not environment.works():
            raise SetupError(f"{environment.folder.relative_to(PROJECT)} does not work; run `make setup`.")
        environment.write(stamp)


def backend_stamp(test: bool) -> dict:
    return sums(*(LOCKS if test else LOCKS[:1]), "pyproject.toml")


def bot_stamp() -> dict:
    return sums("bot/requirements.lock")


def sums(*names: str) -> dict:
    return {name: hashlib.sha256((PROJECT / name).read_bytes()).hexdigest() for name in names}


# --- Python and uv -------------------------------------------------------------------------------------------------


def backend_python() -> str:
    """The Python that runs this script when it is new enough, else one that uv finds or fetches."""
    if sys.version_info >= BACKEND_AT_LEAST:
        return sys.executable
    return find_python(">=3.11,<3.14") or fetch_python("3.12")


def bot_python() -> str:
    """Python 3.10 for Rasa 3.6: what uv finds, what pyenv has, or what uv fetches."""
    return find_python("3.10") or pyenv_python("3.10") or fetch_python("3.10")


def find_python(version: str) -> str | None:
    done = subprocess.run([find_uv(), "python", "find", "--no-project", version], capture_output=True, cwd=PROJECT)
    found = done.stdout.decode().strip()
    return found if done.returncode == 0 and answers(found) else None


def pyenv_python(version: str) -> str | None:
    """Straight from pyenv's folder: its shims fail for versions that are installed but not chosen."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    found = [path for path in sorted(root.glob(f"{version}*/bin/python")) if answers(str(path))]
    return str(found[-1]) if found else None


def fetch_python(version: str) -> str:
    with step(f"Fetching Python {version}"):
        uv("python", "install", "--quiet", "--no-bin", version)
    found = find_python(version)
    if not found:
        raise SetupError(f"Python {version} was not found and could not be fetched. Install it and try again.")
    return found


def answers(python: str) -> bool:
    try:
        return subprocess.run([python, "-c", "import ssl, venv"], capture_output=True).returncode == 0
    except OSError:
        return False


def find_uv() -> str:
    """uv on the PATH, else our own copy in .tools, which is installed once."""
    ours = TOOLS / "bin" / "uv"
    found = shutil.which("uv") or (str(ours) if answers_version(ours) else None)
    if found:
        return found
    with step("Installing uv in .tools"):
        call([sys.executable, "-m", "venv", "--clear", str(TOOLS)], "On Debian and Ubuntu, install python3-venv.")
        call([str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"], "Is there a network?")
    return str(ours)


def answers_version(program: Path) -> bool:
    try:
        return subprocess.run([str(program), "--version"], capture_output=True).returncode == 0
    except OSError:
        return False


def uv(*arguments: str) -> None:
    call([find_uv(), *arguments], "What uv said is above.")


def call(command: list[str], hint: str) -> None:
    """Run it in the project's folder, with what it says in sight. An active environment must not draw it elsewhere."""
    environment = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONHOME")}
    if subprocess.run(command, cwd=PROJECT, env=environment).returncode:
        raise SetupError(f"`{' '.join([Path(command[0]).name, *command[1:3]])}` failed. {hint}")


# --- the locks -----------------------------------------------------------------------------------------------------


def lock() -> None:
    """Hashes and no hosts; the test lock follows the runtime lock, so that one environment can serve both."""
    same = ["--quiet", "--generate-hashes", "--no-emit-index-url", "--no-header", "--universal"]
    with step("Locking requirements.lock"):
        uv("pip", "compile", *same, "--python-version", "3.11", "pyproject.toml", "-o", LOCKS[0])
    with step("Locking requirements-test.lock"):
        extra = ["--extra", "test", "-c", LOCKS[0]]
        uv("pip", "compile", *same, "--python-version", "3.11", *extra, "pyproject.toml", "-o", LOCKS[1])
    with step("Locking bot/requirements.lock"):
        uv("pip", "compile", *same, "--python-version", "3.10", "bot/pyproject.toml", "-o", "bot/requirements.lock")


# --- telling and waiting -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    begin = time.monotonic()
    print(f"{what} …", file=sys.stderr, flush=True)
    yield
    print(f"{what}: done in {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two set-ups at once (`make run` beside `make test`) would undo each other's work; the second waits."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    (PROJECT / "var").mkdir(exist_ok=True)
    with (PROJECT / "var" / "setup.lock").open("w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Waiting for another set-up to finish …", file=sys.stderr, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main())
