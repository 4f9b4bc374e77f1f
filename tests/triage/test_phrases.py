"""The phrase language that helpline workers write, and the sentences they get when a rule is wrong."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.triage.rules import RuleError, RuleSet, fired
from backend.triage.words import one_letter_off


def rules(*phrases: str, unless: tuple[str, ...] = (), **more: Any) -> RuleSet:
    rule = {
        "name": "proef",
        "text": "proef",
        "level": "acute",
        "phrases": list(phrases),
        "unless": list(unless),
        **more,
    }
    doc = {
        "words": {"man": ["man", "vriend", "ex man"]},
        "negation": ["niet", "nooit"],
        "subject": ["hij"],
        "not_only": ["alleen"],
        "rules": [rule],
    }
    return RuleSet.parse({"nl": doc})


def holds(text: str, *phrases: str, **more: Any) -> bool:
    return "proef" in fired(text, rules(*phrases, **more), "nl")


@pytest.mark.parametrize(
    ("phrase", "yes", "no"),
    [
        ("hij knijpt", "Hij knijpt!", "hij dan knijpt"),
        ("(keel|de nek) dicht", "mijn keel dicht, de nek dicht", "de keel is dicht"),
        ("hij [heel] hard", "hij heel hard en hij hard", "hij zeer hard"),
        ("hij .. slaat", "hij a b c slaat", "hij a b c d slaat"),
        ("hij ..6 slaat", "hij 1 2 3 4 5 6 slaat", "hij. 1 2 slaat"),
        ("wurg*", "wurgde", "gewurgd"),
        ("*keel", "zijn keel", "keelpijn"),
        ("ge*en hard", "geslagen hard", "gedaan hard"),
        ("~gewurgd", "gewrugd gewurgt gewuurgd", "gewerd"),
        ("mijn <man>", "mijn ex man", "mijn ex"),
        ("^ hij komt $", "Hij komt...!", "hij komt morgen"),
        ("mes & bed", "het bed en een mes", "een mes"),
        ("m'n zoë", "mn zoe", "m n zoe"),
        ("help", "heeeeelp", "hel"),
    ],
)  # fmt: skip
def test_a_phrase_means_what_the_file_says(phrase: str, yes: str, no: str) -> None:
    assert holds(yes, phrase)
    assert not holds(no, phrase)


def test_a_denied_match_does_not_count() -> None:
    assert not holds("hij slaat niet", "hij slaat")
    assert not holds("hij heeft nooit geslagen", "hij heeft .. geslagen")
    assert holds("hij slaat niet alleen mij", "hij slaat")
    assert holds("ik wil niet hij slaat mij", "hij slaat"), "the word before the subject belongs to another clause"
    assert holds("hij laat mij niet gaan", "niet gaan"), "a phrase that says not means it"


def test_an_exception_counts_only_nearby() -> None:
    assert not holds("in de film werd ze gewurgd", "gewurgd", unless=("film",))
    assert holds("we keken een film en pas veel later op de avond heeft hij mij gewurgd", "gewurgd", unless=("film",))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"phrases": ["(keel|nek"]}, "niet gesloten"),
        ({"phrases": ["keel)"]}, "te veel"),
        ({"phrases": ["mijn <vent>"]}, "bestaat niet onder 'words'"),
        ({"phrases": ["[misschien]"]}, "niet mag ontbreken"),
        ({"phrases": ["hij ..40 slaat"]}, "te breed"),
        ({"phrases": [True]}, "aanhalingstekens"),
        ({"level": "urgent"}, "Kies uit: none, concern, serious, acute"),
        ({"signal": "keel"}, "Kies uit: violence_now"),
        ({"colour": "red"}, "is niet bekend"),
        ({"text": ""}, "'text' ontbreekt"),
    ],
)
def test_a_wrong_rule_is_explained_in_dutch(wrong: dict[str, Any], said: str) -> None:
    rule = {"name": "keel", "text": "noemt keel", "level": "acute", "phrases": ["keel"], **wrong}
    with pytest.raises(RuleError, match=re.escape(said)) as caught:
        RuleSet.parse({"nl": {"rules": [rule]}})
    assert "nl.yml, regel 'keel'" in str(caught.value)


@given(st.text("abc", min_size=1, max_size=6), st.integers(0, 5), st.sampled_from("abc"))
def test_one_wrong_letter_is_one_wrong_letter(word: str, at: int, letter: str) -> None:
    at = min(at, len(word) - 1)
    for wrong in (word[:at] + word[at + 1 :], word[:at] + letter + word[at:], word[:at] + letter + word[at + 1 :]):
        assert one_letter_off(word, wrong) and one_letter_off(wrong, word)
    assert not one_letter_off(word, word + "dd")
