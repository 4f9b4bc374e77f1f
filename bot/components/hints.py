"""Two things that rules read better than a classifier: an age, and a message that opens with yes or no.

They become entities with a code as value ("12-17", "no"), never with the words of the citizen.
"""

import re
from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

BANDS: Tuple[Tuple[int, Text], ...] = ((11, "0-11"), (17, "12-17"), (25, "18-25"), (59, "26-59"), (120, "60+"))

# A number of at most three digits that is not part of a postal code, a time or an amount.
NUMBER = re.compile(r"(?<![\d.,:/€])(\d{1,3})(?!\d|[.,:/]\d|\s*(?:uur|u\b|euro|€|keer|x\b|%))")
MONTHS = re.compile(r"\b\d{1,2}\s*(?:maand|weken|week|mois|semaine|month|week)", re.I)
WRITTEN = {
    "twee": 2, "drie": 3, "vier": 4, "vijf": 5, "zes": 6, "zeven": 7, "acht": 8, "negen": 9, "tien": 10, "elf": 11,
    "twaalf": 12, "dertien": 13, "veertien": 14, "vijftien": 15, "zestien": 16, "zeventien": 17, "achttien": 18,
    "negentien": 19, "twintig": 20, "dertig": 30, "veertig": 40, "vijftig": 50, "zestig": 60, "zeventig": 70,
    "tachtig": 80, "negentig": 90,
    "dix": 10, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20,
    "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70,
}  # fmt: skip
# First match wins: "jonger dan 12" must not be read as twelve.
PHRASES: Tuple[Tuple["re.Pattern[str]", Text], ...] = tuple(
    (re.compile(pattern, re.I), band)
    for pattern, band in (
        (r"\b(?:jonger dan|onder de|moins de|under|younger than) 1[12]\b|-12\b", "0-11"),
        (r"\b(?:jonger dan|onder de|moins de|under|younger than) 18\b", "12-17"),
        (r"\b12\D{1,8}17\b", "12-17"),
        (r"\b18\D{1,8}25\b", "18-25"),
        (r"\b26\D{1,8}59\b", "26-59"),
        (r"\b60\s*(?:of ouder|\+|plus|ans ou plus|or older)|\b60\+", "60+"),
        (r"\b(?:baby|peuter|kleuter|bébé|toddler|pas geboren|newborn|lagere school)\w*", "0-11"),
        (r"\b(?:tiener|puber|ado\b|adolescent|teenager|minderjarig|mineure?\b|middelbaar)\w*", "12-17"),
        (r"\b(?:bejaard|hoogbejaard|gepensioneerd|op pensioen|senior|personne âgée|elderly|retired)\w*", "60+"),
        (r"\b(?:volwassen|adulte?s?)\b", "26-59"),
    )
)
YES = re.compile(r"^\W*(?:ja+|jaa*p?|yes|yep|yeah|oui|ouais|jawel|jup|jep|yess)\b", re.I)
NO = re.compile(r"^\W*(?:nee+n?|neeje|neje|nope|no|non|nah|niet echt|pas vraiment|not really)\b", re.I)


def age_band(text: Text) -> Optional[Text]:
    """The age band that a short answer names, or None. Of several ages the youngest counts: it needs most care."""
    for pattern, band in PHRASES:
        if pattern.search(text):
            return band
    if MONTHS.search(text):
        return "0-11"
    ages = [int(found) for found in NUMBER.findall(text) if 0 <= int(found) <= 120]
    ages += [WRITTEN[word] for word in re.findall(r"[^\W\d]+", text.lower()) if word in WRITTEN]
    return next((band for limit, band in BANDS if min(ages) <= limit), None) if ages else None


def opening(text: Text) -> Optional[Text]:
    """ "yes" or "no" when the message opens with it, else None."""
    return "yes" if YES.match(text) else "no" if NO.match(text) else None


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class HintReader(EntityExtractorMixin, GraphComponent):
    """Adds the entities `age_band` and `opening`, with codes as values."""

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._config = config

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {}

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "HintReader":
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            found = [("age_band", age_band(text)), ("opening", opening(text))]
            entities = [
                {"entity": name, "value": code, "start": 0, "end": 0, "extractor": type(self).__name__}
                for name, code in found
                if code
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + entities, add_to_output=True)
        return messages
