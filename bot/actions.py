"""Fills the slots of the intake form. It decides nothing else: what to do with the answers is the helpline's work.

The action server never sees words of a citizen: the channel sends the intent and codes only.
"""

from typing import Any, Dict, List, Optional, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction
from rasa_sdk.types import DomainDict

from bot.situation import MINOR_AGES, about, to_ask

Slots = Dict[Text, Any]

# Which code an intent means as the answer to a question. An intent that is not here is no answer.
ANSWERS: Dict[Text, Dict[Text, Any]] = {
    "safe": {"affirm": "yes", "deny": "no", "not_alone": "watched", "unsure": "unsure", "refuse": "refused"},
    "told": {"tell": True, "refuse": False, "unsure": False, "deny": False},
    "for_whom": {
        "for_self": "self",
        "for_child": "child",
        "for_other": "adult",
        "as_professional": "professional",
        "unsure": "unknown",
        "refuse": "refused",
    },
    "age": {"unsure": "unknown", "refuse": "refused"},
    "place": {"unsure": "unknown", "refuse": "refused"},
    "wish": {
        "ask_human": "person",
        "want_info": "info",
        "want_where": "where",
        "unsure": "unknown",
        "refuse": "refused",
    },
}
# Not a place and not a story: these have an answer of their own in training_data/rules.
ASIDES = (
    "greet", "goodbye", "thanks", "ask_human", "stop", "wait", "complaint", "clarify", "small_talk", "open",
)  # fmt: skip
NO_STORY = ("affirm", "want_info", "want_where", "nonsense")
STORY_WORDS = 4  # from so many words on, a message that we do not understand counts as a story, when we asked for one


def intent_of(tracker: Tracker) -> Text:
    return str((tracker.latest_message.get("intent") or {}).get("name"))


def hint(tracker: Tracker, entity: Text) -> Optional[Text]:
    return next(tracker.get_latest_entity_values(entity), None)


def aside(intent: Text) -> bool:
    return intent in ASIDES or intent.startswith("ask_")


class ValidateIntakeForm(FormValidationAction):
    """One question at a time; only the open question takes an answer."""

    def name(self) -> Text:
        return "validate_intake_form"

    async def required_slots(
        self, domain_slots: List[Text], dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> List[Text]:
        wanted = to_ask(bool(tracker.get_slot("acute")), tracker.get_slot("safe"), tracker.get_slot("for_whom"))
        asked = tracker.get_slot("requested_slot")
        # An answer to a question that is no longer needed is still taken.
        late = [asked] if asked and asked not in wanted and self._answer(asked, tracker) else []
        return late + list(wanted)

    async def get_validation_events(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> List[EventType]:
        tries = tracker.slots_to_validate().get("place_tries")  # the SDK keeps only slots that the form requires
        events = await super().get_validation_events(dispatcher, tracker, domain)
        return events + ([SlotSet("place_tries", tries)] if tries else [])

    def _answer(self, question: Text, tracker: Tracker) -> Slots:
        """The slots that this message fills as the answer to this question; empty when it is no answer."""
        if tracker.get_slot("requested_slot") != question:
            return {}
        intent = intent_of(tracker)
        code = ANSWERS[question].get(intent)
        if question == "safe" and code is None and not aside(intent):
            code = {"yes": "yes", "no": "no"}.get(hint(tracker, "opening") or "")
        if question == "told" and code is None and not aside(intent) and intent not in NO_STORY:
            words = (tracker.latest_message.get("metadata") or {}).get("words", 0)
            code = True if words >= STORY_WORDS else None
        if question == "age" and not aside(intent):
            code = hint(tracker, "age_band") or code
        if question == "place":
            return self._place(code, intent, tracker)
        return {} if code is None else {question: code}

    def _place(self, code: Optional[Text], intent: Text, tracker: Tracker) -> Slots:
        """The helpline reads places itself; here only: found, refused, or ask once more and then leave it."""
        if tracker.get_slot("place") == "given":
            return {"place": "given"}
        if code is not None:
            return {"place": code}
        if aside(intent):
            return {}
        tries = tracker.get_slot("place_tries") or 0
        if tracker.get_slot("place_question"):  # several places of that name: their question is put once more at most
            return {"place": "ambiguous"} if tries == 2 else {"place_tries": 2}
        if tries:
            return {"place": "unclear"}
        return {"place_tries": 1} if intent == "place_answer" else {}

    async def extract_safe(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        return self._answer("safe", tracker)

    async def extract_told(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        return self._answer("told", tracker)

    async def extract_for_whom(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        return self._answer("for_whom", tracker)

    async def extract_age(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        return self._answer("age", tracker)

    async def extract_place(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        filled = self._answer("place", tracker)
        if "place_tries" in filled and not tracker.get_slot("place_question"):
            dispatcher.utter_message(response="utter_place_unknown")
        return filled

    async def extract_wish(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        return self._answer("wish", tracker)

    def validate_safe(self, code: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        if self._fresh("safe", tracker) and code != "yes":
            dispatcher.utter_message(response=f"utter_safe_{code}")
        return {"safe": code, "ending": "unsafe" if code in ("no", "watched") else tracker.get_slot("ending")}

    def validate_told(self, code: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        if self._fresh("told", tracker):
            dispatcher.utter_message(response="utter_ack_told" if code else "utter_ack_not_told")
        return {"told": code}

    def validate_for_whom(
        self, code: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        known = {"age": "minor"} if code == "self" and tracker.get_slot("minor") else {}
        return {"for_whom": code, "about": about(code), **known}

    def validate_age(self, code: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        young = tracker.get_slot("for_whom") == "self" and code in MINOR_AGES
        return {"age": code, **({"minor": True, "tone": "child"} if young else {})}

    def validate_place(
        self, code: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        return {"place": code}

    def validate_wish(self, code: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Slots:
        return {"wish": code}

    def _fresh(self, question: Text, tracker: Tracker) -> bool:
        """True when this message answered the question, not when the slot came with the conversation."""
        return bool(self._answer(question, tracker))


class ActionMissed(Action):
    """Counts messages that were not understood; the second one in a row gives up and calls a person."""

    def name(self) -> Text:
        return "action_missed"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> List[EventType]:
        missed = int(tracker.get_slot("missed") or 0) + 1
        dispatcher.utter_message(response="utter_missed" if missed < 2 else "utter_gave_up")
        return [SlotSet("missed", min(missed, 2)), SlotSet("gave_up", missed >= 2)]
