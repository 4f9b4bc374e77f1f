"""The channel between the helpline and Rasa: one call per turn, as in docs/protocol.md, "Backend and Rasa".

Unlike Rasa's REST channel it never answers 200 for a turn that failed, it never takes a citizen's text for a command,
and it lets the words go no further than the NLU: the tracker, the policies and the action server get codes only.
"""

import hmac
import os
import re
from collections import OrderedDict
from contextvars import ContextVar
from types import MethodType
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text, Tuple

from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.situation import FORM, LANGUAGES, LASTING, situation

KEY = "WEGWIJS_TURN_KEY"
LONGEST = 2000  # characters; the helpline refuses longer ones already
REMEMBERED = 500  # conversations, as many as endpoints.yml lets the tracker store keep
LONGEST_MEMORY = 300  # events of one conversation; beyond that it is rebuilt, which costs nothing
NO_WORDS = "…"  # stands in the tracker for what the citizen wrote
COMMAND = re.compile(r"^[\s/]+")  # Rasa takes a text that starts with "/" for an intent
WISHES = {"want_info": "info", "want_where": "where"}  # said before they are asked for, they count all the same
FIELDS = {"conversation", "turn", "language", "kind", "text", "slots", "meta"}


class TurnRefused(Exception):
    """The request is not a turn."""


class TurnFailed(Exception):
    """Rasa could not make an answer; it would otherwise have gone on in silence."""


# What went wrong inside the turn of this task: Rasa logs and swallows it, we do not.
_failures: "ContextVar[Optional[List[Text]]]" = ContextVar("failures", default=None)


class _Watched:
    """An action that notes its own failure, because MessageProcessor._run_action goes on without its events."""

    def __init__(self, action: Action) -> None:
        self._action = action

    def __getattr__(self, name: Text) -> Any:
        return getattr(self._action, name)

    async def run(self, *args: Any, **kwargs: Any) -> List[Event]:
        try:
            return await self._action.run(*args, **kwargs)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            failures = _failures.get()
            if failures is not None:
                failures.append(type(error).__name__)
            raise


async def _run_watched(self: MessageProcessor, action: Action, *args: Any, **kwargs: Any) -> bool:
    return await MessageProcessor._run_action(self, _Watched(action), *args, **kwargs)


class HelplineInput(InputChannel):
    """POST /webhooks/helpline/turn and GET /webhooks/helpline/ready."""

    def __init__(self) -> None:
        # conversation -> (turn that Rasa finished last, the slots it answered)
        self._finished: "OrderedDict[Text, Tuple[int, Dict[Text, Any]]]" = OrderedDict()

    @classmethod
    def name(cls) -> Text:
        return "helpline"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "HelplineInput":
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        doors = Blueprint("helpline_webhook", __name__)

        @doors.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            ok = bool(agent and agent.is_ready() and os.environ.get(KEY))
            return response.json({"ready": ok}, status=200 if ok else 503)

        @doors.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            key = os.environ.get(KEY, "")
            given = request.headers.get("X-Turn-Key", "")
            if not key or not hmac.compare_digest(key.encode("utf-8"), given.encode("utf-8", "surrogateescape")):
                return response.json({"error": "Forbidden"}, status=403)
            try:
                asked = checked(request.json)
            except Exception:
                return response.json({"error": "TurnRefused"}, status=400)
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return response.json({"error": "AgentNotReady"}, status=503)
            try:
                return response.json(await self.answer(agent, asked))
            except BaseException as error:  # a cancelled turn is a failure as well
                self._finished.pop(asked["conversation"], None)
                return response.json({"error": type(error).__name__}, status=500)

        return doors

    async def answer(self, agent: Agent, asked: Dict[Text, Any]) -> Dict[Text, Any]:
        """The answer of one turn: replies, slots, handover, understanding."""
        processor = agent.processor
        if "_run_action" not in vars(processor):
            processor._run_action = MethodType(_run_watched, processor)
        conversation, meta = asked["conversation"], asked["meta"]
        slots = situation(asked["language"], asked["slots"], meta)
        collected = CollectingOutputChannel()
        failures: List[Text] = []
        _failures.set(failures)

        async with agent.lock_store.lock(conversation):
            understood = await self._understand(processor, asked)
            intent = understood["intent"]["name"]
            if intent == "tell":
                slots["told"] = True  # also when another question was open
            if intent in WISHES and slots["requested_slot"] != "wish":
                slots["wish"] = WISHES[intent]
            if intent == "ask_human" or (meta.get("wants_person") and not slots["person_asked"]):
                slots.update(person_asked=True, wish="person" if slots["requested_slot"] != "wish" else slots["wish"])
                understood["intent"] = {"name": "ask_human", "confidence": understood["intent"]["confidence"]}
            await self._first_lines(processor, slots, intent, collected)
            await self._prepare(agent, asked, slots)
            await processor.handle_message(
                UserMessage(
                    NO_WORDS,
                    collected,
                    conversation,
                    parse_data={**understood, "text": NO_WORDS},
                    input_channel=self.name(),
                    metadata={"words": len((asked["text"] or "").split())},
                )
            )
            if failures:
                raise TurnFailed(failures[0])
            tracker = await agent.tracker_store.retrieve(conversation)

        after = lasting(tracker, before=slots)
        replies, handover = read(collected.messages)
        if not replies:
            raise TurnFailed("nothing to say")
        if handover:
            after.update(handover=handover, said_called=True)
        self._remember(conversation, asked["turn"], after)
        return {
            "replies": replies,
            "slots": after,
            "handover": {"reason": handover} if handover and not meta.get("called") else None,
            "understanding": {
                "intent": intent,
                "confidence": round(float(understood["intent"]["confidence"]), 4),
                "language": slots["language"],
                "labels": understood.get("labels") or {},
            },
        }

    async def _understand(self, processor: MessageProcessor, asked: Dict[Text, Any]) -> Dict[Text, Any]:
        """Intent, entities and labels; the only place where Rasa sees the words."""
        if asked["kind"] == "open":
            return {"intent": {"name": "open", "confidence": 1.0}, "entities": [], "intent_ranking": []}
        text = COMMAND.sub("", asked["text"]) or NO_WORDS
        parsed = await processor.parse_message(UserMessage(text, sender_id=asked["conversation"]))
        return {key: parsed[key] for key in ("intent", "entities", "intent_ranking", "labels") if key in parsed}

    async def _first_lines(
        self, processor: MessageProcessor, slots: Dict[Text, Any], intent: Text, collected: CollectingOutputChannel
    ) -> None:
        """Before anything else: that this is a computer, and once, that a person has been called."""
        lines = [] if slots["introduced"] else ["utter_intro"]
        if slots["called"] and not slots["said_called"]:
            lines += ["utter_called"]
        elif slots["acute"] and not slots["called"] and not slots["person_asked"] and intent != "ask_human":
            lines += ["utter_handover"]
        for line in lines:
            said = processor.nlg.generate_from_slots(line, slots, self.name())
            await collected.send_response(NO_WORDS, said)
        if "utter_handover" in lines:
            slots.update(person_asked=True, called=True, ending="called")  # what follows speaks of it as done
        slots.update(introduced=True, said_called=slots["said_called"] or slots["called"])

    async def _prepare(self, agent: Agent, asked: Dict[Text, Any], slots: Dict[Text, Any]) -> None:
        """Goes on from Rasa's tracker only when it has just finished the turn before; else starts from the slots."""
        conversation = asked["conversation"]
        tracker = None
        if self._finished.get(conversation) == (asked["turn"] - 1, asked["slots"]):
            tracker = await agent.tracker_store.retrieve(conversation)
        if tracker is None or len(tracker.events) > LONGEST_MEMORY:
            tracker = DialogueStateTracker(conversation, agent.domain.slots)
            tracker.assistant_id = agent.processor.model_metadata.assistant_id
            tracker.model_id = agent.processor.model_metadata.model_id
            tracker.update(ActionExecuted("action_session_start"), agent.domain)
            tracker.update(SessionStarted(), agent.domain)
            tracker.update(ActionExecuted("action_listen"), agent.domain)
        # A talk whose opening never reached us is in the form too, at its first question.
        unfinished = slots["active_form"] or (asked["kind"] == "say" and not asked["slots"])
        question = slots["requested_slot"] or ("safe" if unfinished else None)
        for name, value in slots.items():
            if name not in ("active_form", "requested_slot") and tracker.get_slot(name) != value:
                tracker.update(SlotSet(name, value), agent.domain)
        tracker.update(ActiveLoop(FORM if unfinished else None), agent.domain)  # also clears a rejection
        tracker.update(SlotSet("requested_slot", question), agent.domain)
        tracker.update(ActionExecuted("action_listen"), agent.domain)
        await agent.tracker_store.save(tracker)

    def _remember(self, conversation: Text, turn: int, slots: Dict[Text, Any]) -> None:
        self._finished[conversation] = (turn, slots)
        self._finished.move_to_end(conversation)
        while len(self._finished) > REMEMBERED:
            self._finished.popitem(last=False)


def checked(body: Any) -> Dict[Text, Any]:
    """The request, with all fields and of the right types; TurnRefused otherwise."""
    if not isinstance(body, dict) or set(body) - FIELDS:
        raise TurnRefused
    kind, text = body.get("kind"), body.get("text")
    slots, meta = body.get("slots") or {}, body.get("meta") or {}
    fine = (
        isinstance(body.get("conversation"), str)
        and 0 < len(body["conversation"]) <= 64
        and type(body.get("turn")) is int
        and kind in ("open", "say")
        and (kind == "open" or (isinstance(text, str) and 0 < len(text) <= LONGEST))
        and isinstance(slots, dict)
        and isinstance(meta, dict)
    )
    if not fine:
        raise TurnRefused
    language = body.get("language") if body.get("language") in LANGUAGES else "nl"
    return {
        "conversation": body["conversation"],
        "turn": body["turn"],
        "language": language,
        "kind": kind,
        "text": text if kind == "say" else None,
        "slots": slots,
        "meta": meta,
    }


def lasting(tracker: DialogueStateTracker, before: Dict[Text, Any]) -> Dict[Text, Any]:
    """The codes that go back to the helpline. `missed` counts only in a row: without a new miss it is gone."""
    after = {name: tracker.get_slot(name) for name in LASTING if name not in ("active_form", "missed")}
    after["active_form"] = tracker.active_loop_name
    missed = tracker.get_slot("missed") or 0
    after["missed"] = missed if missed > (before["missed"] or 0) or (missed == 2 and tracker.get_slot("gave_up")) else 0
    return {name: value for name, value in after.items() if value not in (None, 0) or value is False}


def read(messages: List[Dict[Text, Any]]) -> Tuple[List[Dict[Text, Any]], Optional[Text]]:
    """Replies and the reason of a handover, out of what Rasa's output channel collected."""
    replies: List[Dict[Text, Any]] = []
    handover: Optional[Text] = None
    for message in messages:
        if message.get("text"):
            choices = [button["title"] for button in message.get("buttons") or []]
            replies.append({"text": message["text"].strip(), "choices": choices})
        custom = message.get("custom") or {}
        handover = handover or custom.get("handover")
    return replies, handover
