"""The bot's own tests, in the bot's own environment (Python 3.10, Rasa)."""

import os
import subprocess

from tests.conftest import PROJECT, WatchedBot


def test_the_suite_of_the_bot_passes(watched_bot: WatchedBot) -> None:
    """After the bot was trained and started once, so that its model is that of today's inputs."""
    command = [str(PROJECT / "bot" / ".venv" / "bin" / "python"), "-m", "unittest", "discover", "-s", "tests/bot"]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WEGWIJS_")}
    result = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=1_500)
    assert result.returncode == 0, result.stdout[-3_000:] + result.stderr[-6_000:]
    assert "Ran 0 tests" not in result.stderr
