"""What the rules and the gazetteer read in one message: always there, in microseconds, before Rasa sees the text."""

from dataclasses import dataclass, replace

from backend.conversations.state import State
from backend.routing.places import Gazetteer, PlaceFinding
from backend.triage.assessment import Assessment
from backend.triage.rules import RuleSet, assess

ENOUGH = 25  # characters; shorter messages ("oui", "ok") do not change the language of a talk


@dataclass(frozen=True, slots=True)
class Reader:
    rules: RuleSet
    gazetteer: Gazetteer

    def read(self, words: str, state: State) -> Assessment:
        """An assessment of this message alone. A bare name counts as a place when the bot just asked for one."""
        found = self.place(words, asked=state.slots.get("requested_slot") == "place" and state.speaker == "bot")
        read = assess(words, self.rules)
        language = read.language if len(words) >= ENOUGH else state.assessment.language
        return replace(read, language=language, places=found.nis, place_ambiguous=found.ambiguous)

    def place(self, words: str, *, asked: bool = False) -> PlaceFinding:
        return self.gazetteer.find_answer(words) if asked else self.gazetteer.find(words)
