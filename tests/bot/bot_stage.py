"""Starts the real bot (Rasa and its action server, through bot/quiet.py) for a test and talks to it over HTTP.

Standard library only: the bot's environment has no pytest. Run from the project root, after a training:
    bot/.venv/bin/python -m unittest discover -s tests/bot
"""

import json
import os
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Dict, IO, List, Optional, Tuple

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "bot" / "models" / "wegwijs.tar.gz"
PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"  # Rasa needs its own Python, whoever runs this test
KEY = "a-key-for-the-tests"
START = 180.0  # seconds; Rasa needs 10 to 20 on an idle core, far more on a busy one


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


class Bot:
    """Rasa with, or without, its action server."""

    def __init__(self, *arguments: str, actions: bool = True) -> None:
        self.port, self._action_port = free_port(), free_port()
        self.output: IO[bytes] = tempfile.TemporaryFile()
        self._processes: List["subprocess.Popen[bytes]"] = []
        if not MODEL.exists():
            raise unittest.SkipTest("no model: run bot/.venv/bin/python -m bot.quiet train")
        if actions:
            self._start("actions", "--port", str(self._action_port), *arguments)
        self._start("rasa", "--port", str(self.port), *arguments)
        self._wait()

    def _start(self, *arguments: str) -> None:
        environment = {
            **os.environ,
            "WEGWIJS_TURN_KEY": KEY,
            "WEGWIJS_ACTIONS_URL": f"http://127.0.0.1:{self._action_port}/webhook",
        }
        self._processes.append(
            subprocess.Popen(
                [str(PYTHON), "-m", "bot.quiet", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=self.output,
                stderr=subprocess.STDOUT,
            )
        )

    def _wait(self) -> None:
        until = time.monotonic() + START
        while time.monotonic() < until:
            if self.get("/webhooks/helpline/ready")[0] == 200:
                return
            time.sleep(0.3)
        self.stop()
        raise AssertionError("the bot did not become ready")

    def stop(self) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait(20)

    def said_to_the_log(self) -> str:
        """All that both processes wrote; after `stop`, once."""
        with self.output as output:
            output.seek(0)
            return output.read().decode("utf-8", "replace")

    def get(self, path: str) -> Tuple[int, Dict[str, Any]]:
        return self._send(urllib.request.Request(f"http://127.0.0.1:{self.port}{path}"))

    def post(self, body: Any, key: Optional[str] = KEY, raw: Optional[bytes] = None) -> Tuple[int, Dict[str, Any]]:
        return self._send(
            urllib.request.Request(
                f"http://127.0.0.1:{self.port}/webhooks/helpline/turn",
                json.dumps(body).encode() if raw is None else raw,
                {"Content-Type": "application/json", **({"X-Turn-Key": key} if key is not None else {})},
            )
        )

    def _send(self, request: urllib.request.Request) -> Tuple[int, Dict[str, Any]]:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, {} if error.code in (404, 405) else json.loads(error.read() or b"{}")
        except OSError:
            return 0, {}


def body(
    conversation: str, turn: int, slots: Dict[str, Any], text: Optional[str], language: str = "nl", **meta: Any
) -> Dict[str, Any]:
    """A request as the helpline sends it."""
    return {
        "conversation": conversation,
        "turn": turn,
        "language": language,
        "kind": "open" if text is None else "say",
        "text": text,
        "slots": slots,
        "meta": {
            "nis": [],
            "place_name": None,
            "ambiguous": False,
            "question": None,
            "level": "none",
            "role": "unknown",
            "caller_is_minor": False,
            "wants_person": False,
            "called": False,
            **meta,
        },
    }


class Talk:
    """One conversation, with the memory that the helpline's log has."""

    number = 0

    def __init__(self, bot: Bot, language: str = "nl") -> None:
        Talk.number += 1
        self.bot, self.language = bot, language
        self.id = f"{Talk.number:032x}"
        self.turn, self.called = 0, False
        self.slots: Dict[str, Any] = {}
        self.asked: Dict[str, Any] = {}
        self.answer: Dict[str, Any] = {}

    def say(self, text: Optional[str] = None, **meta: Any) -> str:
        """Sends a turn, None opens the talk; returns all the bot says, as one text."""
        self.turn += 1
        self.asked = body(self.id, self.turn, self.slots, text, self.language, **{"called": self.called, **meta})
        status, self.answer = self.bot.post(self.asked)
        if status != 200:
            raise AssertionError(f"status {status}: {self.answer}")
        self.slots = self.answer["slots"]
        self.called = self.called or self.answer["handover"] is not None
        return " ".join(reply["text"] for reply in self.answer["replies"])

    @property
    def reason(self) -> Optional[str]:
        return self.answer["handover"] and self.answer["handover"]["reason"]
