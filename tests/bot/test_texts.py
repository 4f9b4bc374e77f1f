"""What the bot may say, read from its domain; no bot is started."""

import re
import statistics
import unittest
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

import yaml

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = {"nl", "fr", "en"}
BANNED = re.compile(r"\bwaarom\b|\bpourquoi\b|\bwhy\b", re.I)
PROMISES = re.compile(
    r"blijft (?:altijd )?geheim|niemand (?:zal|komt) .*weten|100 ?%|helemaal veilig|geen gevaar|niet gevaarlijk|"
    r"loopt geen risico|totalement secret|personne ne saura|completely secret|nobody will know|no risk|not in danger",
    re.I,
)
POLITE = re.compile(r"\b(?:u|uw)\b")


def domain() -> Dict[str, Any]:
    whole: Dict[str, Any] = {}
    for path in sorted((ROOT / "bot" / "domain").glob("*.yml")):
        for key, value in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            whole[key] = {**whole.get(key, {}), **value} if isinstance(value, dict) else value
    return whole


def condition(variant: Dict[str, Any]) -> Dict[str, Any]:
    return {one["name"]: one["value"] for one in variant["condition"]}


def texts(language: str = "") -> Iterator[Tuple[str, str, Dict[str, Any]]]:
    for name, variants in domain()["responses"].items():
        for variant in variants:
            if not language or condition(variant)["language"] == language:
                yield name, variant["text"], variant


def for_children(variant: Dict[str, Any]) -> bool:
    return condition(variant).get("tone") == "child" or condition(variant).get("minor") is True


def sentences(text: str) -> List[int]:
    """Words per sentence."""
    return [len(part.split()) for part in re.split(r"(?<=[.!?])\s+", text) if re.search(r"\w", part)]


def syllables(word: str) -> int:
    return max(1, len(re.findall(r"[aeiouyàâéèêëïîôûü]+", word.lower())))


class Texts(unittest.TestCase):
    def test_no_text_is_longer_than_300_characters(self) -> None:
        for name, text, _ in texts():
            self.assertLessEqual(len(text), 300, name)

    def test_no_text_asks_more_than_one_question(self) -> None:
        for name, text, _ in texts():
            self.assertLessEqual(text.count("?"), 1, name)

    def test_nobody_is_asked_why(self) -> None:
        for name, text, _ in texts():
            self.assertIsNone(BANNED.search(text), name)

    def test_nothing_promises_secrecy_or_safety(self) -> None:
        for name, text, _ in texts():
            self.assertIsNone(PROMISES.search(text), name)

    def test_dutch_texts_say_je(self) -> None:
        for name, text, _ in texts("nl"):
            self.assertIsNone(POLITE.search(text), name)

    def test_sentences_are_short(self) -> None:
        lengths: List[int] = []
        for name, text, _ in texts():
            self.assertLessEqual(max(sentences(text)), 20, name)
            lengths += sentences(text)
        self.assertLessEqual(statistics.mean(lengths), 12)

    def test_dutch_texts_are_easy_to_read(self) -> None:
        """Flesch-Douma over all Dutch texts together: 80 for those a child gets, 70 for the others."""
        for young, least in ((True, 80.0), (False, 70.0)):
            chosen = [t for _, t, variant in texts("nl") if for_children(variant) is young and "{" not in t]
            words = [word for text in chosen for word in re.findall(r"[^\W\d]+", text)]
            per_sentence = len(words) / sum(len(sentences(text)) for text in chosen)
            per_word = sum(map(syllables, words)) / len(words)
            self.assertGreaterEqual(206.84 - 0.93 * per_sentence - 77 * per_word, least)

    def test_every_response_has_the_same_variants_in_each_language(self) -> None:
        for name, variants in domain()["responses"].items():
            found: Dict[Tuple[Any, ...], Dict[str, int]] = {}
            for variant in variants:
                key = dict(condition(variant))
                language = key.pop("language")
                found.setdefault(tuple(sorted(key.items())), {})[language] = len(variant.get("buttons", []))
            for key, languages in found.items():
                self.assertEqual(set(languages), LANGUAGES, (name, key))
                self.assertEqual(len(set(languages.values())), 1, (name, key, "number of choices"))

    def test_choices_are_plain_text_not_commands(self) -> None:
        for name, _, variant in texts():
            for button in variant.get("buttons", []):
                self.assertEqual(button["title"], button["payload"], name)
                self.assertFalse(button["payload"].startswith("/"), name)

    def test_every_choice_is_an_example_of_an_intent(self) -> None:
        """A button must never be misunderstood, so each one is in the training data."""
        examples = set()
        for path in (ROOT / "training_data" / "nlu").glob("*.yml"):
            for line in path.read_text(encoding="utf-8").splitlines():
                examples.add(line.strip().lstrip("- ").casefold())
        for name, _, variant in texts():
            for button in variant.get("buttons", []):
                self.assertIn(button["title"].casefold(), examples, name)

    def test_every_text_that_calls_a_person_tells_the_helpline(self) -> None:
        for name, text, variant in texts("nl"):
            if "ik roep" in text.lower():
                self.assertIn("handover", variant.get("custom", {}), name)


if __name__ == "__main__":
    unittest.main()
