"""What the rules and the gazetteer read in one message: always there, in microseconds, before Rasa sees the text."""

import re
from dataclasses import dataclass, replace

from backend.conversations.state import State
from backend.routing.places import Gazetteer, PlaceFinding
from backend.triage.assessment import Assessment
from backend.triage.rules import RuleSet, assess

_ONE_OF_THEM = re.compile(r"^\W*(die|dat|de|het|diegene|degene|celui|the one)\b\s*", re.IGNORECASE)
_BESIDE = re.compile(r"\b(bij|naast|tegen|dicht|buurt|kant|près|near)\b", re.IGNORECASE)
ENOUGH = 25  # characters; shorter messages ("oui", "ok") do not change the language of a talk


@dataclass(frozen=True, slots=True)
class Reader:
    rules: RuleSet
    gazetteer: Gazetteer

    def read(self, words: str, state: State) -> Assessment:
        """An assessment of this message alone; its place is read with what was said before."""
        found = self.place(words, state)
        read = assess(words, self.rules)
        language = read.language if len(words) >= ENOUGH else state.assessment.language
        return replace(read, language=language, places=found.nis, place_ambiguous=found.ambiguous)

    def place(self, words: str, state: State) -> PlaceFinding:
        """A bare name counts when the bot asked for one. "Die bij Antwerpen" tells two Kapellens apart; it is not Antwerpen."""
        asked = state.slots.get("requested_slot") == "place" and state.speaker == "bot"
        found = self.gazetteer.find_answer(words) if asked else self.gazetteer.find(words)
        candidates = set(state.assessment.places)
        if not state.assessment.place_ambiguous or found.ambiguous or (found.nis and candidates.issuperset(found.nis)):
            return found
        told = _ONE_OF_THEM.sub("", words)
        beside = f"bij {self.gazetteer.name(found.nis[0])}" if found.nis else told
        for name in sorted({self.gazetteer.name(nis) for nis in candidates}):
            asked_again = self.gazetteer.find(f"Ik woon in {name}")
            if not asked_again.ambiguous:
                continue  # only the name that they share needs to be told apart
            together = self.gazetteer.find(f"Ik woon in {name} {beside}")
            if len(together.nis) == 1 and together.nis[0] in candidates:
                return together
            if found.nis and _BESIDE.search(words):
                return asked_again  # beside a third place, but which of them is still open: ask, never choose
        return found
