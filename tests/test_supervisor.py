"""The watcher of processes, with real children that die, hang, refuse to stop and outlive nobody."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from backend import children, supervisor
from backend.children import Child, PortsBusy, Supervisor, check_ports, free_ports, port_is_free, rotate
from backend.settings import PROJECT, Settings

Make = Callable[..., Child]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def watcher(said: list[str]) -> Iterator[Supervisor]:
    watcher = Supervisor(said.append)
    yield watcher
    watcher.hurry()
    watcher.stop()


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A child that runs this Python text."""

    def child(script: str, *, name: str = "fake", **changes: object) -> Child:
        command = [sys.executable, "-c", textwrap.dedent(script)]
        return Child(name, command, tmp_path / f"{name}.log", tmp_path, dict(os.environ), **changes)  # type: ignore[arg-type]

    return child


def alive(pid: int | None) -> bool:
    """A process that is over but not yet collected by its parent counts as gone."""
    if pid is None:
        return False
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_child_that_dies_is_started_again_and_one_line_says_so(
    watcher: Supervisor, make: Make, said: list[str]
) -> None:
    child = make("print('secret words', flush=True); raise SystemExit(3)")
    watcher.add(child)
    assert watcher.wait(lambda: child.deaths >= 2, 10)
    assert said[0] == "fake ended (exit code 3); starting it again in 0.5 s"
    assert said[1] == "fake ended (exit code 3); starting it again in 1 s"
    assert not any("secret" in line for line in said)
    assert child.log.read_text().count("secret words") == 2


def test_a_killed_child_is_back_within_two_seconds(watcher: Supervisor, make: Make) -> None:
    child = make("import time; time.sleep(60)")
    watcher.add(child)
    first = child.pid
    child.signal(signal.SIGKILL)
    assert watcher.wait(lambda: child.deaths == 1, 2)
    assert watcher.wait(lambda: child.running and child.pid != first, 2)
    assert not alive(first)


def test_the_wait_between_restarts_doubles_up_to_ten_seconds(make: Make, said: list[str]) -> None:
    child, now, waits = make("raise SystemExit(1)"), 0.0, []
    for _ in range(7):
        child.start(now)
        while child.running:
            child.look(now, said.append)
            time.sleep(0.01)
        waits.append(float(said[-1].split(" in ")[1].split()[0]))
    assert waits == [0.5, 1, 2, 4, 8, 10, 10]


def test_a_child_that_lived_long_starts_again_at_once(make: Make, said: list[str]) -> None:
    child, now = make("raise SystemExit(1)"), 0.0
    for now in (0.0, 1000.0):
        child.start(now)
        while child.running:
            child.look(now + (children.STEADY if now else 0), said.append)
            time.sleep(0.01)
    assert said[-1].endswith("in 0.5 s")


def test_a_child_that_answers_no_more_is_ended(
    watcher: Supervisor, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "HANGS", 0.3)
    monkeypatch.setattr(children, "LOOK", 0.1)
    answers = [True]
    child = make("import time; time.sleep(60)", ready=lambda: answers[0])
    watcher.add(child)
    assert watcher.wait(lambda: child.is_ready, 5)
    answers[0] = False
    assert watcher.wait(lambda: child.deaths == 1, 5)


def test_stop_ends_all_also_grandchildren_and_the_deaf(
    watcher: Supervisor, make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "GRACE", 0.5)
    deaf = make(
        """
        import pathlib, signal, subprocess, sys, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        inner = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        pathlib.Path("inner").write_text(str(inner.pid))
        time.sleep(60)
        """,
        name="deaf",
    )
    polite = make("import time; time.sleep(60)", name="polite")
    watcher.add(deaf, polite)
    inner = tmp_path / "inner"
    assert watcher.wait(lambda: inner.exists() and inner.read_text() != "", 10)
    pids = [deaf.pid, polite.pid, int(inner.read_text())]
    assert all(alive(pid) for pid in pids)
    watcher.stop()
    assert [pid for pid in pids if alive(pid)] == []
    assert not deaf.running
    assert polite.exit_code == -signal.SIGTERM


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_children_die_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent_text = """
        import os, sys, time
        from pathlib import Path
        from backend.children import Child, Supervisor
        watcher = Supervisor(print)
        child = Child("c", [sys.executable, "-c", "import time; time.sleep(60)"], Path(sys.argv[1]) / "c.log",
                      Path(sys.argv[1]), dict(os.environ))
        watcher.add(child)
        time.sleep(0.5)
        print(child.pid, flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(parent_text), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.kill()
    end = time.monotonic() + 5
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert not alive(pid)


def test_a_log_that_grew_is_set_aside_and_the_child_writes_on(tmp_path: Path) -> None:
    log = tmp_path / "rasa.log"
    with log.open("ab", buffering=0) as held:
        held.write(b"x" * 100)
        rotate(log, limit=99)
        held.write(b"after")
    assert log.read_bytes() == b"after"
    assert (tmp_path / "rasa.1.log").read_bytes() == b"x" * 100
    assert (tmp_path / "rasa.1.log").stat().st_mode & 0o077 == 0


def test_busy_ports_are_named_in_one_sentence() -> None:
    free = free_ports(1)[0]
    with socket.socket() as one, socket.socket() as two:
        for taken in (one, two):
            taken.bind(("127.0.0.1", 0))
            taken.listen()
        a, b = one.getsockname()[1], two.getsockname()[1]
        assert not port_is_free("127.0.0.1", a)
        wanted = [("WEGWIJS_PORT", "127.0.0.1", a), ("X", "127.0.0.1", free), ("WEGWIJS_RASA_PORT", "127.0.0.1", b)]
        with pytest.raises(PortsBusy, match=rf"^Ports {a} and {b} are in use.*WEGWIJS_PORT=\d+ WEGWIJS_RASA_PORT=\d+"):
            check_ports(wanted)
    check_ports([("WEGWIJS_PORT", "127.0.0.1", free)])


def test_run_with_a_busy_port_says_so_and_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        settings = Settings(data_dir=tmp_path, port=port)  # type: ignore[call-arg]
        assert supervisor.run_everything(settings, with_bot=False, first_code=lambda: None) == 2
    assert capsys.readouterr().err.startswith(f"Port {port} is in use")


def test_the_bot_gets_no_keys_and_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WEGWIJS_DATABASE_URL", "WEGWIJS_MASTER_KEY_FILE", "TWILIO_AUTH_TOKEN", "PGPASSWORD", "https_proxy"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("SANIC_HOST", "0.0.0.0")
    environment = supervisor.bot_environment()
    assert "secret" not in environment.values()
    assert environment["SANIC_HOST"] == "127.0.0.1"


def test_training_is_owed_when_an_input_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "PROJECT", tmp_path)
    monkeypatch.setattr(supervisor, "MODELS", tmp_path / "bot" / "models")
    monkeypatch.setattr(supervisor, "MODEL", tmp_path / "bot" / "models" / "wegwijs.tar.gz")
    (tmp_path / "training_data" / "nlu").mkdir(parents=True)
    (tmp_path / "bot" / "models").mkdir(parents=True)
    (tmp_path / "config.yml").write_text("pipeline: []")
    assert not supervisor.model_is_fresh()
    (tmp_path / "bot" / "models" / "wegwijs.tar.gz").touch()
    (tmp_path / "bot" / "models" / "inputs.sha256").write_text(supervisor.model_inputs())
    assert supervisor.model_is_fresh()
    (tmp_path / "training_data" / "nlu" / "new.yml").write_text("nlu: []")
    assert not supervisor.model_is_fresh()
