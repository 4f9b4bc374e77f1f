"""The phrase language of the danger rules, compiled to steps over bit masks.

A phrase is written as people speak, with a few signs (the top of danger/nl.yml explains them to a helpline worker):

    hij knijpt          these words after each other
    (keel|hals|nek)     one of these; an alternative may be several words
    [heel] hard         the word between brackets may be missing
    ..  ..6             at most three (six) other words in between, within one sentence
    wurg*  *keel        a word that begins, ends like this
    ~gewurgd            also with one wrong letter
    <partner>           one of a list under `words:`
    ^ hij komt $        the beginning and the end of the message
    mes & slaapkamer    both somewhere in the message, in any order

Matching. A message of n words is a set of masks: bit i of the mask of a word class is set when word i is in the class.
A phrase is walked once from left to right with one integer of n+1 bits: bit i is set when the phrase so far can end
before word i. A word is `(here & mask) << 1`, a gap a few shifts. There is nothing to go back to, so that the cost is the
length of the phrase times n/64 machine words, whatever the text (Baeza-Yates and Gonnet's shift-and, over words).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from backend.triage.words import JOINED, SPLIT, Lexicon, is_boundary, plain

_GAP: Final = 3
_WIDEST: Final = 12
_SIGNS: Final = re.compile(r"\.\.(\d*)|([()\[\]|^$&])|<([a-z_]+)>|([^\s()\[\]|^$&<>]+)|(\S)")

WORD, GAP, ANY_OF, START, END = range(5)


def _strides(width: int) -> tuple[int, ...]:
    """A gap as strides of 1, 2, 4 or 8 words (0, 1, 2, 3), so that it costs its logarithm: 7 words → (0, 1, 2)."""
    found: list[int] = []
    k = 0
    while width:
        stride = min(k, width.bit_length() - 1)
        found.append(stride)
        width -= 1 << stride
        k = min(k + 1, 3)
    return tuple(found)


_STRIDES: Final = tuple(_strides(width) for width in range(_WIDEST + 1))
Steps = tuple[tuple[int, int, tuple["Steps", ...]], ...]  # (kind, class or width, alternatives)


class PhraseError(ValueError):
    """A phrase that cannot be read; the sentence says which sign is wrong, in Dutch for who writes the rules."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """`parts` must all match (one part unless `&` is used). `anchors` are classes of which one must occur in the text.

    `needs` are more such sets, rarest first: a phrase that lacks one is not walked.
    """

    source: str
    parts: tuple[Steps, ...]
    anchors: tuple[int, ...]
    needs: tuple[frozenset[int], ...]
    longest: int  # words that one match can span
    has_negation: bool


@dataclass(slots=True)
class Message:
    """The masks of one message. Bit i of `inner[k]` is set when the 2^k words from i on do not end a sentence."""

    masks: dict[int, int]
    size: int
    inner: tuple[int, int, int, int]
    end: int

    @classmethod
    def of(cls, masks: dict[int, int], size: int, boundaries: int) -> "Message":
        one = ((1 << size) - 1) & ~boundaries
        two = one & one >> 1
        four = two & two >> 2
        return cls(masks, size, (one, two, four, four & four >> 4), 1 << size)


def walk(steps: Steps, here: int, message: Message) -> int:
    """All places where these steps can end when they start at one of the places `here`."""
    masks = message.masks
    for kind, number, alternatives in steps:
        if kind == WORD:
            here = (here & masks.get(number, 0)) << 1
        elif kind == GAP:
            inner = message.inner
            for k in _STRIDES[number]:
                here |= (here & inner[k]) << (1 << k)
        elif kind == ANY_OF:
            out = here if number else 0
            for alternative in alternatives:
                out |= walk(alternative, here, message)
            here = out
        elif kind == START:
            here &= 1
        else:
            here &= message.end
        if not here:
            return 0
    return here


def ends_of(phrase: Phrase, message: Message) -> int:
    """The places where the (first part of the) phrase ends, 0 when it does not occur."""
    everywhere = (1 << (message.size + 1)) - 1
    for part in phrase.parts[1:]:
        if not walk(part, everywhere, message):
            return 0
    return walk(phrase.parts[0], everywhere, message)


def start_of(phrase: Phrase, end: int, message: Message) -> int:
    """The last word from which the phrase reaches `end`: the shortest piece of text that shows it."""
    bit = 1 << end
    for start in range(end, max(-1, end - phrase.longest - 1), -1):
        if walk(phrase.parts[0], 1 << start, message) & bit:
            return start
    return max(0, end - phrase.longest)


class Compiler:
    """Reads phrases of one language into steps. `lists` are the named word lists, `negations` the words for "not"."""

    def __init__(
        self,
        lexicon: Lexicon,
        lists: Mapping[str, list[str]],
        negations: frozenset[str],
        common: frozenset[str],
        *,
        split: bool,
    ) -> None:
        self._lexicon = lexicon
        self._lists = lists
        self._negations = negations
        self._common = common
        self._words = SPLIT if split else JOINED
        self._costs: dict[int, int] = {}
        self._open: list[str] = []

    def compile(self, source: str) -> Phrase:
        tokens = self._signs(source)
        parts: list[Steps] = []
        self._negated = False
        while True:
            steps, rest = self._sequence(tokens, source)
            if rest and rest[0] != "&":
                raise PhraseError(f"in '{source}' staat een '{rest[0]}' te veel")
            if not any(kind in (WORD, ANY_OF) for kind, _, _ in steps):
                raise PhraseError(f"in '{source}' ontbreekt een woord")
            parts.append(steps)
            if not rest:
                break
            tokens = rest[1:]
        choices = sorted((one for part in parts for one in self._required(part)), key=self._price)
        if not choices:
            raise PhraseError(f"in '{source}' moet ten minste één woord staan dat niet mag ontbreken")
        needs = tuple(frozenset(one) for one in choices[1:3])
        return Phrase(source, tuple(parts), choices[0], needs, _length(parts[0]), self._negated)

    def _signs(self, source: str) -> list[str]:
        found: list[str] = []
        for gap, sign, name, word, wrong in _SIGNS.findall(source):
            if wrong:
                raise PhraseError(f"in '{source}' kan het teken '{wrong}' niet gelezen worden")
            if sign:
                found.append(sign)
            elif name:
                found.append(f"<{name}")
            elif word:
                found.append(word)
            else:
                if gap and int(gap) > _WIDEST:
                    raise PhraseError(f"in '{source}' is '..{gap}' te breed: hoogstens ..{_WIDEST}")
                found.append(f"..{gap or _GAP}")
        return found

    def _sequence(self, tokens: list[str], source: str) -> tuple[Steps, list[str]]:
        steps: list[tuple[int, int, tuple[Steps, ...]]] = []
        while tokens and tokens[0] not in ("|", ")", "]", "&"):
            sign, tokens = tokens[0], tokens[1:]
            if sign in ("(", "["):
                closing = ")" if sign == "(" else "]"
                alternatives: list[Steps] = []
                while True:
                    one, tokens = self._sequence(tokens, source)
                    alternatives.append(one)
                    if not tokens or tokens[0] not in ("|", closing):
                        raise PhraseError(f"in '{source}' wordt een '{sign}' niet gesloten")
                    sign_after, tokens = tokens[0], tokens[1:]
                    if sign_after == closing:
                        break
                steps.append(self._any_of(alternatives, optional=sign == "["))
            elif sign == "^":
                steps.append((START, 0, ()))
            elif sign == "$":
                steps.append((END, 0, ()))
            elif sign.startswith("..") and sign[2:].isdigit():
                steps.append((GAP, int(sign[2:]), ()))
            elif sign.startswith("<"):
                steps.append(self._list(sign[1:], source))
            else:
                steps.extend(self._word(sign, source))
        return tuple(steps), tokens

    def _word(self, sign: str, source: str) -> list[tuple[int, int, tuple[Steps, ...]]]:
        typo = "~" if sign.startswith("~") else ""
        body = sign.lstrip("~")
        if body.count("*") > 1 or body == "*" or "~" in body:
            raise PhraseError(f"in '{source}' kan '{sign}' niet gelezen worden")
        found = self._words.findall(body)
        if "*" not in body and (not found or any(is_boundary(word) for word in found)):
            raise PhraseError(f"in '{source}' kan '{sign}' niet gelezen worden")
        words = [plain(body)] if "*" in body else [plain(word) for word in found]
        if any(word in self._negations for word in words):
            self._negated = True
        return [(WORD, self._lexicon.number_of([typo + word]), ()) for word in words]

    def _list(self, name: str, source: str) -> tuple[int, int, tuple[Steps, ...]]:
        if name not in self._lists:
            raise PhraseError(f"in '{source}' staat <{name}>, maar die lijst bestaat niet onder 'words'")
        if name in self._open:
            raise PhraseError(f"de lijst <{name}> verwijst naar zichzelf")
        self._open.append(name)
        alternatives: list[Steps] = []
        for item in self._lists[name]:
            steps, rest = self._sequence(self._signs(str(item)), str(item))
            if rest or not steps:
                raise PhraseError(f"in de lijst <{name}> kan '{item}' niet gelezen worden")
            alternatives.append(steps)
        self._open.pop()
        return self._any_of(alternatives, optional=False)

    def _any_of(self, alternatives: list[Steps], *, optional: bool) -> tuple[int, int, tuple[Steps, ...]]:
        """Single words become one class, so that a long list costs no more than a word."""
        flat: list[Steps] = []
        for alternative in alternatives:
            if len(alternative) == 1 and alternative[0][0] == ANY_OF and not alternative[0][1]:
                flat.extend(alternative[0][2])
            else:
                flat.append(alternative)
        singles = [one[0][1] for one in flat if len(one) == 1 and one[0][0] == WORD]
        others = [one for one in flat if not (len(one) == 1 and one[0][0] == WORD)]
        if len(singles) > 1:
            patterns: set[str] = set()
            for number in singles:
                patterns |= self._lexicon.patterns_of(number)
            singles = [self._lexicon.number_of(patterns)]
        merged = [((WORD, number, ()),) for number in singles]
        if len(merged) == 1 and not others and not optional:
            return merged[0][0]
        return (ANY_OF, int(optional), (*merged, *others))

    def _required(self, steps: Steps) -> list[tuple[int, ...]]:
        """Sets of classes; of each set at least one is in every text that matches."""
        found: list[tuple[int, ...]] = []
        for kind, number, alternatives in steps:
            if kind == WORD:
                found.append((number,))
            elif kind == ANY_OF and not number:
                each = [min(self._required(one), key=self._price, default=()) for one in alternatives]
                if all(each):
                    found.append(tuple({anchor for one in each for anchor in one}))
        return found

    def _price(self, anchors: tuple[int, ...]) -> int:
        """How often these classes will be seen: common words are dear."""
        return sum(self._cost(number) for number in anchors)

    def _cost(self, number: int) -> int:
        if number not in self._costs:
            patterns = self._lexicon.patterns_of(number)
            self._costs[number] = sum(40 if word in self._common else 1 + (word.count("*") * 2) for word in patterns)
        return self._costs[number]


def _length(steps: Steps) -> int:
    longest = 0
    for kind, number, alternatives in steps:
        if kind == WORD:
            longest += 1
        elif kind == GAP:
            longest += number
        elif kind == ANY_OF:
            longest += max((_length(one) for one in alternatives), default=0)
    return longest
