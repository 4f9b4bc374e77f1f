"""A place that is ambiguous is asked, and the answer is read with the question."""

from dataclasses import replace

import pytest

from backend.conversations.reader import Reader
from backend.conversations.state import State
from backend.directory.files import load_gazetteer
from backend.triage.assessment import Assessment
from backend.triage.loading import load_rules
from tests.conftest import PROJECT

READER = Reader(load_rules(), load_gazetteer(PROJECT / "data"))
ASKED = State("c", slots={"requested_slot": "place"})


@pytest.mark.parametrize(
    ("first", "answer", "nis"),
    [
        ("Kapellen", "die bij Antwerpen", "11023"),
        ("Kapellen", "bij antwerpen", "11023"),
        ("Kapellen", "Glabbeek", "24137"),
        ("Kapellen", "2950", "11023"),
        ("Kapellen", "nee sorry, Gent", "44021"),
        ("Aalst", "die bij Gent", "41002"),
        ("Halle", "die in Vlaams-Brabant", "23027"),
    ],
)
def test_the_answer_tells_two_places_of_one_name_apart(first: str, answer: str, nis: str) -> None:
    asked = READER.read(first, ASKED)
    assert asked.place_ambiguous and len(asked.places) > 1
    state = replace(ASKED, assessment=Assessment().merge(asked))
    read = READER.read(answer, state)
    assert (read.places, read.place_ambiguous) == ((nis,), False)
    assert state.assessment.merge(read).places == (nis,)


def test_beside_a_place_that_does_not_tell_them_apart_stays_a_question() -> None:
    state = replace(ASKED, assessment=Assessment().merge(READER.read("Halle", ASKED)))
    read = READER.read("die bij Brussel", state)
    assert read.place_ambiguous and set(read.places) == set(state.assessment.places)


def test_a_short_word_does_not_change_the_language_of_a_talk() -> None:
    state = State("c", assessment=Assessment(language="fr"))
    assert READER.read("ok", state).language == "fr"
    assert READER.read("ik woon bij mijn ouders en ik durf niet naar huis", state).language == "nl"
