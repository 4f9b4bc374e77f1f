"""The assistant behind one port: Rasa over loopback, or a scripted twin for tests and demonstrations.

Rasa's words stop here. No answer in time, an error or an answer without replies is `AssistantFailed`, and never silence.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import httpx

Reason = Literal["late", "empty", "refused", "unreachable"]
Handover = Literal["asked", "intake_done", "not_understood"]


@dataclass(frozen=True, slots=True)
class Turn:
    """What the bot has to answer. `words` is None for the opening."""

    conversation: str
    turn: int
    language: str
    words: str | None
    slots: dict[str, Any]
    meta: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    replies: list[tuple[str, tuple[str, ...]]]
    slots: dict[str, Any]
    handover: Handover | None = None
    intent: str = ""
    confidence: float = 0.0
    labels: dict[str, dict[str, float]] = field(default_factory=dict)


class AssistantFailed(Exception):
    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Assistant(Protocol):
    async def answer(self, turn: Turn) -> Answer: ...

    async def close(self) -> None: ...


class RasaAssistant:
    """POST /webhooks/helpline/turn. `timeout` in seconds covers the whole turn."""

    def __init__(self, url: str, key: str, timeout: float) -> None:
        self._timeout = timeout
        limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
        self._http = httpx.AsyncClient(
            base_url=url, headers={"X-Turn-Key": key}, timeout=timeout, limits=limits, trust_env=False
        )

    async def answer(self, turn: Turn) -> Answer:
        body = {
            "conversation": turn.conversation,
            "turn": turn.turn,
            "language": turn.language,
            "kind": "open" if turn.words is None else "say",
            "text": turn.words,
            "slots": turn.slots,
            "meta": turn.meta,
        }
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._http.post("/webhooks/helpline/turn", json=body)
        except (TimeoutError, httpx.TimeoutException):
            raise AssistantFailed("late") from None
        except httpx.HTTPError:
            raise AssistantFailed("unreachable") from None
        if response.status_code != 200:
            raise AssistantFailed("refused")
        try:
            return _answer(response.json())
        except (KeyError, TypeError, ValueError, AttributeError):
            raise AssistantFailed("refused") from None

    async def close(self) -> None:
        await self._http.aclose()


def _answer(data: dict[str, Any]) -> Answer:
    replies = [
        (str(r["text"]), tuple(str(c) for c in r.get("choices") or ())) for r in data["replies"] if r.get("text")
    ]
    handover = (data.get("handover") or {}).get("reason")
    if not replies:
        raise AssistantFailed("empty")
    understanding = data.get("understanding") or {}
    return Answer(
        replies=replies,
        slots=dict(data["slots"]),
        handover=handover if handover in ("asked", "intake_done", "not_understood") else None,
        intent=str(understanding.get("intent") or ""),
        confidence=float(understanding.get("confidence") or 0.0),
        labels=understanding.get("labels") or {},
    )


class ScriptedAssistant:
    """The harmless twin: asks the same few questions, understands nothing. For tests of everything but Rasa."""

    def __init__(self, delay: float = 0.0) -> None:
        self._delay = delay
        self.turns: list[Turn] = []

    async def answer(self, turn: Turn) -> Answer:
        self.turns.append(turn)
        await asyncio.sleep(self._delay)
        if turn.words is None:
            hello = "Hallo. Ik ben een computer. Kan je nu veilig praten? Leest er iemand mee?"
            return Answer([(hello, ("Ja", "Nee"))], {"step": 0})
        step = int(turn.slots.get("step", 0)) + 1
        if step >= 4:
            return Answer([("Dank je. Ik roep een medewerker.", ())], {"step": step}, "intake_done")
        return Answer([(f"Dank je. Vertel gerust verder. ({step})", ())], {"step": step})

    async def close(self) -> None:
        return None
