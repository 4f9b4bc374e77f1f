"""From text to words, and from words to the word classes that the rules use.

People type "Heeeelp", "m'n", "geslaagn" and "hÉlp". Words are lower-cased, lose accents and apostrophes, and letters
that repeat three times or more are brought back. Key words (`~` in the rules) are also found with one wrong letter.
Looking a word up is one dictionary access after the first time. The memory of looked-up words holds only their keyed
hash (Python's salted string hash), never the word, so that nothing a citizen wrote stays behind in it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_SIGN: Final = "[\u2600-\u27bf\U0001f000-\U0001faff]"  # emoji
_END: Final = r"(?<!\.)\.(?!\.)|[!?;\n]+"  # an ellipsis is a pause, not the end of a sentence
JOINED: Final = re.compile(rf"[^\W_]+(?:['’‘`´][^\W_]+)*|{_END}|{_SIGN}")  # m'n is one word (Dutch, English)
SPLIT: Final = re.compile(rf"[^\W_]+|{_END}|{_SIGN}")  # m'a is two words (French)
_BOUNDARY: Final = frozenset(".!?;\n")
_RUN: Final = re.compile(r"(.)\1{2,}")
_MEMORY: Final = 50_000  # looked-up words remembered, about 6 MB; then forgotten and learned again
_LONGEST: Final = 40  # a longer "word" is a keyboard smash or an attack

_PLAIN: Final = str.maketrans(
    {
        **dict(
            zip(
                "àáâãäåāçćčèéêëēęìíîïīñńòóôõöøōùúûüūýÿšśžźżłđ",
                "aaaaaaaccceeeeeeiiiiinnooooooouuuuuyysszzzld",
                strict=True,
            )
        ),
        **dict.fromkeys("'’‘`´"),
        "œ": "oe",
        "æ": "ae",
        "ß": "ss",
        "ĳ": "ij",
        "\u0301": None,
        "\u0300": None,
        "\u0302": None,
        "\u0308": None,
        "\ufe0f": None,
    }
)


def plain(word: str) -> str:
    """`"Z'n"` → `"zn"`, `"Éérst"` → `"eerst"`. Repeated letters are left for `variants`."""
    return word.lower().translate(_PLAIN)


def variants(word: str) -> Iterator[str]:
    """A word as it may be meant: itself, or with long runs of a letter brought back to two or one."""
    yield word
    if _RUN.search(word):
        yield _RUN.sub(r"\1", word)
        yield _RUN.sub(r"\1\1", word)


def is_boundary(token: str) -> bool:
    return token[0] in _BOUNDARY


def one_letter_off(one: str, other: str) -> bool:
    """At most one letter changed, added, left out, or two neighbours swapped."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(long) - len(short) > 1:
        return False
    at = next((i for i, letter in enumerate(short) if letter != long[i]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    return short[at + 1 :] == long[at + 1 :] or (
        short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    )


def _shortened(word: str) -> Iterator[str]:
    yield word
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]


class Lexicon:
    """Word classes: sets of word patterns (`keel`, `wurg*`, `*keel`, `ge*en`, `~geslagen`), each with a number.

    `look_up` gives the number of an entry; `entries[number]` are the classes of that word. Entry 0 is an unknown word,
    entry 1 the end of a sentence.
    """

    def __init__(self) -> None:
        self._classes: dict[frozenset[str], int] = {}
        self._patterns: list[frozenset[str]] = []
        self._exact: dict[str, set[int]] = {}
        self._starts: dict[str, list[tuple[str, int]]] = {}
        self._ends: dict[str, set[int]] = {}
        self._start_lengths: tuple[int, ...] = ()
        self._end_lengths: tuple[int, ...] = ()
        self._typos: dict[str, set[str]] = {}
        self._typo_classes: dict[str, set[int]] = {}
        self._no_typos: set[str] = set()
        self.entries: list[tuple[int, ...]] = [(), ()]
        self._numbers: dict[tuple[int, ...], int] = {}
        self._memory: dict[int, int] = {}

    def number_of(self, patterns: Iterable[str]) -> int:
        """The class of these word patterns, made when it is new."""
        key = frozenset(patterns)
        if key not in self._classes:
            self._classes[key] = number = len(self._classes)
            self._patterns.append(key)
            for pattern in key:
                self._add(pattern, number)
        return self._classes[key]

    def patterns_of(self, number: int) -> frozenset[str]:
        return self._patterns[number]

    def not_typos(self, words: Iterable[str]) -> None:
        """Real words that look like a key word with one wrong letter: never corrected."""
        self._no_typos.update(words)

    def _add(self, pattern: str, number: int) -> None:
        word = pattern.lstrip("~")
        start, star, end = word.partition("*")
        if not star:
            self._exact.setdefault(word, set()).add(number)
        elif start:
            self._starts.setdefault(start, []).append((end, number))
            self._start_lengths = tuple(sorted({*self._start_lengths, len(start)}))
        else:
            self._ends.setdefault(end, set()).add(number)
            self._end_lengths = tuple(sorted({*self._end_lengths, len(end)}))
        if pattern.startswith("~") and not star:
            self._typo_classes.setdefault(word, set()).add(number)
            for short in _shortened(word):
                self._typos.setdefault(short, set()).add(word)

    def look_up(self, token: str) -> int:
        """The entry of a token as it was typed. Safe for any text: the work per word is bounded by `_LONGEST`."""
        key = hash(token)
        found = self._memory.get(key)
        if found is None:
            found = self._learn(token)
            if len(self._memory) >= _MEMORY:
                self._memory.clear()
            self._memory[key] = found
        return found

    def _learn(self, token: str) -> int:
        if is_boundary(token):
            return 1
        word = plain(token)
        if not word or len(word) > _LONGEST:
            word = word[:1]
        classes: set[int] = set()
        for variant in variants(word):
            classes |= self._exact.get(variant, set())
            for length in self._start_lengths:
                if length > len(variant):
                    break
                for end, number in self._starts.get(variant[:length], ()):
                    if not end or (variant.endswith(end) and len(variant) >= length + len(end)):
                        classes.add(number)
            for length in self._end_lengths:
                if length > len(variant):
                    break
                classes |= self._ends.get(variant[-length:], set())
        if word not in self._exact and len(word) >= 5 and word not in self._no_typos:
            for short in _shortened(word):
                for meant in self._typos.get(short, ()):
                    if meant[0] == word[0] and one_letter_off(meant, word):
                        classes |= self._typo_classes[meant]
        if not classes:
            return 0
        entry = tuple(sorted(classes))
        if entry not in self._numbers:
            self._numbers[entry] = len(self.entries)
            self.entries.append(entry)
        return self._numbers[entry]
