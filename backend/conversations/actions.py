"""Everything that can happen to a conversation, one function each: load, decide, append. Only this calls `Log.change`."""

from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import delete, select

from backend.conversations import events as e
from backend.conversations import state as decide
from backend.conversations.log import Log
from backend.conversations.reader import Reader
from backend.conversations.state import Draft, State
from backend.db import tables as t
from backend.db.session import Database
from backend.errors import BadRequest, EmptyText, TokenUnknown, TooMuch, UnknownPlace, UnknownService
from backend.kit import ids, times
from backend.operators.presence import Colleague, Presence
from backend.routing.engine import Choice, Decision, Directory, Need, route
from backend.triage.assessment import LEVELS, Assessment

MAX_CHARACTERS = 2_000  # WS-1


def checked(words: str) -> str:
    """Words that may be stored: not empty, not too long, no invisible controls that could turn a screen around."""
    clean = "".join(c for c in words if c in "\n\t" or (ord(c) >= 32 and ord(c) != 127 and c not in _BIDI)).strip()
    if not clean:
        raise EmptyText
    if len(clean) > MAX_CHARACTERS:
        raise TooMuch
    return clean


_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked_id(client_id: str) -> str:
    if not ids.CLIENT_ID.fullmatch(client_id):
        raise BadRequest
    return client_id


class Actions:
    def __init__(self, db: Database, log: Log, reader: Reader, presence: Presence, directory: Directory) -> None:
        self._db, self._log, self._reader, self._presence = db, log, reader, presence
        self.directory = directory

    # Citizen

    async def start(self, *, language: str, channel: Literal["chat", "phone"] = "chat") -> tuple[str, str]:
        """A new conversation. Returns its id and the citizen's only credential."""
        conversation, token = ids.new_id(), ids.new_token()
        drafts = decide.start(number=ids.short_code(), channel=channel, language=language)
        await self._log.create(conversation, drafts, token_hash=ids.digest(token))
        return conversation, token

    async def by_token(self, token: str) -> str:
        hashed = ids.digest(token)
        query = select(t.tokens.c.conversation).where(t.tokens.c.hash == hashed)
        found = await self._db.read(lambda c: c.execute(query).scalar())
        if found is None:
            raise TokenUnknown
        return str(found)

    async def say(self, conversation: str, client_id: str, words: str) -> int:
        words = checked(words)

        def draft(state: State) -> list[Draft]:
            return decide.say(state, words, self._reader.read(words, state), staffed=self._presence.staffed)

        return await self._log.change(conversation, draft, client_id=checked_id(client_id))

    async def ask_person(self, conversation: str, client_id: str) -> int:
        staffed = self._presence.staffed
        return await self._log.change(
            conversation, lambda s: decide.ask_person(s, staffed=staffed), client_id=checked_id(client_id)
        )

    async def leave(self, conversation: str, how: e.LeaveHow) -> int:
        return await self._log.change(conversation, lambda s: decide.leave(s, how))

    async def notice(self, conversation: str, key: str, *, urgent: bool = False) -> int:
        """A sentence of the system to somebody who waits; each at most once."""

        def draft(state: State) -> list[Draft]:
            if state.status != "waiting" or key in state.notices:
                return []
            return [(e.Noticed(key=key, urgent=urgent), None)]

        return await self._log.change(conversation, draft)

    # Bot

    async def bot_replied(
        self,
        conversation: str,
        *,
        answers: int,
        replies: list[tuple[str, tuple[str, ...]]],
        slots: dict[str, Any],
        handover: e.Called | None,
        intent: str,
        confidence: float,
        reading: Assessment,
    ) -> int:
        """The bot's answer, and what the model read in the message: the reading counts even when the answer is late."""
        staffed = self._presence.staffed

        def draft(state: State) -> list[Draft]:
            if state.ended:
                return []
            drafts = decide.bot_replied(
                state,
                answers=answers,
                replies=replies,
                slots=slots,
                handover=handover,
                intent=intent,
                confidence=confidence,
                staffed=staffed,
            )
            # What the model read comes first, so that the numbers of an emergency stand before any question.
            return decide.reassess(state, reading, about=max(answers, 1), staffed=staffed) + drafts

        return await self._log.change(conversation, draft)

    async def bot_failed(
        self, conversation: str, *, answers: int, reason: Literal["late", "empty", "refused", "unreachable"]
    ) -> int:
        staffed = self._presence.staffed
        return await self._log.change(
            conversation, lambda s: decide.bot_failed(s, answers=answers, reason=reason, staffed=staffed)
        )

    # Operator

    async def claim(self, conversation: str, who: Colleague) -> int:
        return await self._log.change(conversation, lambda s: decide.claim(s, who.id, who.name))

    async def operator_say(self, conversation: str, who: Colleague, client_id: str, words: str) -> int:
        words = checked(words)
        return await self._log.change(
            conversation,
            lambda s: decide.operator_say(s, who.id, who.name, words),
            client_id=checked_id(client_id),
        )

    async def note(self, conversation: str, who: Colleague, client_id: str, words: str) -> int:
        words = checked(words)
        return await self._log.change(
            conversation, lambda s: decide.note(s, who.id, who.name, words), client_id=checked_id(client_id)
        )

    async def refer(self, conversation: str, who: Colleague, client_id: str, service: str) -> int:
        state = await self._log.state(conversation)
        choice = next((c for c in self.route(state).services if c.service == service), None)
        if choice is None:
            raise UnknownService
        found: Choice = choice

        def draft(s: State) -> list[Draft]:
            return decide.refer(s, who.id, who.name, found.service, found.kind, found.for_citizen())

        return await self._log.change(conversation, draft, client_id=checked_id(client_id))

    async def hand_back(self, conversation: str, who: Colleague, to: Literal["queue", "bot"]) -> int:
        return await self._log.change(conversation, lambda s: decide.hand_back(s, who.id, who.name, to))

    async def release(self, conversation: str, operator: int) -> int:
        return await self._log.change(conversation, lambda s: decide.release(s, operator))

    async def set_level(self, conversation: str, who: Colleague, level: str, reason: str) -> int:
        if level not in LEVELS:
            raise BadRequest
        words = checked(reason)
        return await self._log.change(conversation, lambda s: decide.set_level(s, who.id, who.name, level, words))

    async def set_place(self, conversation: str, who: Colleague, nis: str) -> int:
        if not self._reader.gazetteer.knows(nis):
            raise UnknownPlace
        return await self._log.change(conversation, lambda s: decide.set_place(s, who.id, who.name, nis))

    async def close(self, conversation: str, who: Colleague, outcome: e.Outcome) -> int:
        return await self._log.change(conversation, lambda s: decide.close(s, who.id, who.name, outcome))

    def route(self, state: State) -> Decision:
        a = state.assessment
        nis = a.places[0] if len(a.places) == 1 and not a.place_ambiguous else None
        return route(Need.of(a), nis, times.now(), state.language, self.directory, place_ambiguous=a.place_ambiguous)

    # Time

    async def shred(self, older_than: timedelta) -> int:
        """Destroys the keys and words of conversations that ended before; statistics stay (PRIV-3)."""
        limit = times.now() - older_than
        c = t.conversations.c
        query = select(c.id).join(t.keys, t.keys.c.conversation == c.id).where(c.ended_at < limit).limit(1_000)
        gone = await self._db.read(lambda con: list(con.execute(query).scalars()))
        if gone:

            def work(connection: Any) -> None:
                for table in (t.keys, t.words, t.tokens):
                    connection.execute(delete(table).where(table.c.conversation.in_(gone)))

            await self._db.write(work)
            for conversation in gone:
                self._log.forget(conversation)
        return len(gone)
