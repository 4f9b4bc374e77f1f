"""The bot's turns. Wakes on a ring, asks the log a pure question ("is a turn owed?"), and acts.

After a crash the same question finds the same work, so the log is the queue. One turn at a time per conversation; what
the citizen says meanwhile makes the answer stale, the log drops it, and the next turn carries everything that is unanswered.
"""

import asyncio
import logging
from typing import Any

from sqlalchemy import select

from backend.assistant.client import Assistant, AssistantFailed, Turn
from backend.conversations import events as e
from backend.conversations.actions import Actions
from backend.conversations.log import Entry, Log
from backend.conversations.reader import Reader
from backend.conversations.state import State, turn_owed
from backend.db import tables as t
from backend.db.session import Database
from backend.errors import HelplineError
from backend.kit import ids
from backend.live.hub import Hub
from backend.triage.assessment import Assessment
from backend.triage.rules import merge_labels

log = logging.getLogger(__name__)
AT_ONCE = 16  # turns under way; Rasa handles one at a time, the rest waits here where it can be cancelled


class Turns:
    def __init__(
        self,
        *,
        db: Database,
        hub: Hub,
        log: Log,
        actions: Actions,
        assistant: Assistant,
        reader: Reader,
    ) -> None:
        self._db, self._log, self._actions = db, log, actions
        self._assistant, self._reader = assistant, reader
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._room = asyncio.Semaphore(AT_ONCE)
        hub.listen(self._rung)

    def _rung(self, topic: str) -> None:
        if topic.startswith("conversation:"):
            self.look(topic.removeprefix("conversation:"))

    def look(self, conversation: str) -> None:
        """Looks whether a turn is owed, now or as soon as the running one ends."""
        if conversation in self._running:
            self._again.add(conversation)
            return
        task = asyncio.create_task(self._run(conversation))
        self._running[conversation] = task
        task.add_done_callback(lambda _: self._ended(conversation))

    def _ended(self, conversation: str) -> None:
        self._running.pop(conversation, None)
        if conversation in self._again:
            self._again.discard(conversation)
            self.look(conversation)

    async def sweep(self) -> None:
        """At a start, and now and then: every conversation that the bot has may owe a turn."""
        c = t.conversations.c
        query = select(c.id).where(c.status.in_(("bot", "waiting")))
        for conversation in await self._db.read(lambda con: list(con.execute(query).scalars())):
            self.look(conversation)

    async def finished(self, conversation: str) -> None:
        """Returns when no turn of this conversation is under way."""
        while (task := self._running.get(conversation)) is not None:
            await asyncio.wait([task])

    async def read_alone(self, words: str) -> Assessment:
        """What rules, gazetteer and model conclude about one message, without a conversation."""
        state = State("")
        reading = self._reader.read(words, state)
        turn = Turn(ids.new_id(), 2, reading.language, words, {}, self._meta(state, None))
        try:
            answer = await self._assistant.answer(turn)
        except AssistantFailed as failure:
            log.error("the model did not read: %s", failure.reason)
            return reading
        labels = dict(answer.labels)
        if answer.intent == "ask_human":  # the one label that the bot's own intents already carry
            labels.setdefault("wants_person", {"true": answer.confidence})
        return merge_labels(reading, labels)

    async def stop(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._assistant.close()

    async def _run(self, conversation: str) -> None:
        while True:
            try:
                state = await self._log.state(conversation)
                owed = turn_owed(state)
                if owed is None:
                    return
                async with self._room:
                    await self._turn(conversation, owed)
            except HelplineError:
                return
            except Exception as error:  # the sweep tries again; the type alone may be logged
                log.error("a turn broke: %s", type(error).__name__)
                return

    async def _turn(self, conversation: str, owed: int) -> None:
        state, entries = await self._log.look(conversation)
        words = None if owed == 0 else unanswered(entries, state)
        turn = Turn(conversation, state.turn + 1, state.language, words, state.slots, self._meta(state, words))
        try:
            answer = await self._assistant.answer(turn)
        except AssistantFailed as failure:
            await self._actions.bot_failed(conversation, answers=owed, reason=failure.reason)
            return
        reading = merge_labels(Assessment(language=state.assessment.language), answer.labels)
        await self._actions.bot_replied(
            conversation,
            answers=owed,
            replies=answer.replies,
            slots=answer.slots,
            handover=answer.handover,
            intent=answer.intent,
            confidence=answer.confidence,
            reading=reading,
        )

    def _meta(self, state: State, words: str | None) -> dict[str, Any]:
        """What the backend knows, so that the bot asks nothing that was already said."""
        a, found = state.assessment, None
        if words is not None:
            found = self._reader.place(words, state)
        gazetteer = self._reader.gazetteer
        return {
            "nis": list(a.places),
            "place_name": " / ".join(gazetteer.name(nis) for nis in a.places[:2]) or None,
            "ambiguous": a.place_ambiguous,
            "question": found.question if found and a.place_ambiguous else None,
            "level": a.level,
            "role": a.role,
            "caller_is_minor": a.caller_is_minor,
            "wants_person": False,  # asked for in words: the backend calls by itself
            "called": state.called,
        }


def unanswered(entries: list[Entry], state: State) -> str:
    """Everything the citizen said since the bot last answered, as one text of at most 2,000 characters."""
    said = [x.words or "" for x in entries if isinstance(x.event, e.Said) and state.answered < x.seq <= state.said]
    return "\n".join(said)[-2_000:]
