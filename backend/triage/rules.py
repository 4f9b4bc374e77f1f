"""The danger rules: one message in, an assessment with reasons out. Microseconds, no model, no network, no clock.

The rules are data (danger/nl.yml, fr.yml, en.yml) that helpline workers can read and extend; this file only applies them.
How one message is read:

1. language (language.py), words (words.py), and one bit mask for each word class that occurs (phrases.py);
2. rules whose rarest word occurs are tried; a match is dropped when it is denied ("hij slaat mij niet") or when an `unless`
   phrase of the rule stands within five words of it ("in de film werd ze gewurgd");
3. what is left sets labels and facts; rules with `with` and `without` then draw conclusions (violence + partner → theme);
4. remarks about the whole message weigh at the end: fiction and homework silence, what is long over is a `concern`
   without signals, a question about violence in general is a `concern`.

Cost: see phrases.py. At most `READ` characters are read: the first 3,000 and the last 1,000. The protocol accepts 2,000 in a
chat message, so that only e-mails and hostile input are ever longer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from backend.triage.assessment import (
    FORMS,
    LEVELS,
    NEEDS,
    ROLES,
    SIGNALS,
    THEMES,
    Assessment,
    Reason,
    higher,
    in_order,
)
from backend.triage.language import detect
from backend.triage.phrases import Compiler, Message, Phrase, PhraseError, ends_of, start_of
from backend.triage.words import JOINED, SPLIT, Lexicon, is_boundary, plain

READ: Final = (3000, 1000)
_NEAR: Final = 5  # words between a match and the exception that takes it back
_TRIES: Final = 6  # places of one phrase that are looked at when the first is denied

# The level of a signal on its own, annotation guide "level" and "danger_signals". A rule may say otherwise with `level`.
SIGNAL_LEVELS: Final = {
    "violence_now": "acute",
    "perpetrator_present": "acute",
    "weapon": "acute",
    "strangulation": "acute",
    "threat_to_kill": "acute",
    "suicide_risk": "acute",
    "severe_injury": "acute",
    "confined": "acute",
    "child_in_danger": "acute",
    "recent_sexual_assault": "acute",
    "pregnant": "none",
    "separation": "none",
    "escalation": "serious",
    "order_breach": "serious",
}
_VIOLENT_SIGNALS: Final = frozenset(SIGNALS) - {"pregnant", "separation", "suicide_risk"}
_ROLE_ORDER: Final = ("professional", "victim", "perpetrator", "bystander")
_VALUES: Final = {
    "signal": SIGNALS,
    "theme": THEMES,
    "form": FORMS,
    "role": ROLES,
    "need": NEEDS,
    "level": LEVELS,
}
_FIELDS: Final = {
    "signal": "danger_signals",
    "theme": "themes",
    "form": "forms",
    "role": "role",
    "need": "needs",
    "level": "level",
    "minor": "caller_is_minor",
    "person": "wants_person",
}
_KEYS: Final = {
    *_VALUES, "name", "text", "why", "phrases", "unless", "with", "without", "keep", "fact", "minor", "person", "must", "must_not",
}  # fmt: skip
_TRUE: Final = {"minor": "true", "person": "true"}
_KEEP: Final = ("negation", "fiction", "past", "question")
_LANGUAGES: Final = ("nl", "fr", "en")


class RuleError(ValueError):
    """A rule file that cannot be used. The message is a Dutch sentence for the helpline worker who wrote the rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one language. `keep` names what does not take it back: negation, fiction, past, question."""

    name: str
    text: str
    signals: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    level: str = "none"
    minor: bool = False
    person: bool = False
    facts: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    unless: tuple[Phrase, ...] = ()
    with_: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    light: tuple[tuple[str, str], ...] = ()  # (field, value) of all but level and signals, for the reasons
    must: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()

    @property
    def conditional(self) -> bool:
        return bool(self.with_ or self.without)


@dataclass(slots=True)
class _Book:
    """The rules of one language, indexed by the rarest word class of each phrase."""

    rules: tuple[Rule, ...]
    lexicon: Lexicon
    split: bool
    phrases: tuple[tuple[int, Phrase], ...]  # (number of its rule, phrase)
    anchors: dict[int, tuple[int, ...]]  # class → numbers in `phrases`
    always: tuple[int, ...]  # rules without phrases: conclusions only
    negation: int
    not_only: int
    subject: int


@dataclass(slots=True)
class RuleSet:
    """All rules, ready to read messages. Built once by `parse`, shared by all threads."""

    books: dict[str, _Book] = field(default_factory=dict)

    @classmethod
    def parse(cls, docs: Mapping[str, Mapping[str, Any]]) -> "RuleSet":
        """Rules from the parsed YAML of each language (`{"nl": {...}, "fr": {...}, "en": {...}}`)."""
        found = cls()
        for language in _LANGUAGES:
            if language in docs:
                found.books[language] = _read_book(language, docs[language])
        if not found.books:
            raise RuleError("Er zijn geen regels: er is geen bestand nl.yml, fr.yml of en.yml.")
        return found

    def rules(self, language: str) -> tuple[Rule, ...]:
        return self.books[language].rules if language in self.books else ()


@dataclass(slots=True)
class _Reading:
    """What one language's rules found in a message: rule → (first word, word after the last), and its facts."""

    language: str
    book: _Book
    fired: dict[int, tuple[int, int]]
    facts: set[str]


def assess(text: str, rules: RuleSet, default_language: str = "nl") -> Assessment:
    """What the rules conclude about one message. Places are found elsewhere (routing/places.py)."""
    shift = 0
    whole = text
    if len(text) > sum(READ):
        shift = len(text) - READ[1] - READ[0] - 1
        text = f"{text[: READ[0]]}\n{text[-READ[1] :]}"
    tokens = JOINED.findall(text)
    lower = [token.lower() if token.isalnum() else plain(token) for token in tokens]
    language, reading_languages = detect(lower, text, default_language)
    result: Assessment | None = None
    for code in reading_languages:
        book = rules.books.get(code)
        if book is None:
            continue
        reading = _read(code, book, tokens if not book.split else SPLIT.findall(text))
        found = _conclude(reading, text, language)
        result = found if result is None else result.merge(found)
    if result is None:
        return Assessment(language=language)
    if len(whole) > sum(READ) and result.reasons:
        result = _moved(result, shift)
    return result


def fired(text: str, rules: RuleSet, language: str) -> set[str]:
    """The names of the rules of one language that hold for a text: what the examples in the rule files are tested with."""
    book = rules.books[language]
    reading = _read(language, book, (SPLIT if book.split else JOINED).findall(text))
    _draw(reading)
    return {book.rules[number].name for number in reading.fired}


def _read(language: str, book: _Book, tokens: Sequence[str]) -> _Reading:
    while tokens and is_boundary(tokens[-1]):
        tokens = tokens[:-1]
    places: dict[int, int] = {}
    bit = 1
    look_up = book.lexicon.look_up
    for token in tokens:
        entry = look_up(token)
        if entry:
            places[entry] = places.get(entry, 0) | bit
        bit <<= 1
    masks: dict[int, int] = {}
    entries = book.lexicon.entries
    for entry, mask in places.items():
        for number in entries[entry]:
            masks[number] = masks.get(number, 0) | mask
    message = Message.of(masks, len(tokens), places.get(1, 0))
    reading = _Reading(language, book, {}, set())
    anchors = book.anchors
    tried: set[int] = set()
    for number in masks:
        if number in anchors:
            tried.update(anchors[number])
    fired = reading.fired
    present = masks.keys()
    for at in sorted(tried):
        rule_number, phrase = book.phrases[at]
        if rule_number in fired or any(present.isdisjoint(need) for need in phrase.needs):
            continue
        found = _where(book.rules[rule_number], phrase, message, book)
        if found is not None:
            fired[rule_number] = found
    return reading


def _where(rule: Rule, phrase: Phrase, message: Message, book: _Book) -> tuple[int, int] | None:
    """The first place where the phrase holds and nothing takes it back."""
    ends = ends_of(phrase, message)
    tries = _TRIES
    while ends and tries:
        end = (ends & -ends).bit_length() - 1
        start = start_of(phrase, end, message)
        if not (_denied(rule, phrase, start, end, message, book) or _excepted(rule, start, end, message)):
            return start, end
        ends &= ends - 1
        tries -= 1
    return None


def _denied(rule: Rule, phrase: Phrase, start: int, end: int, message: Message, book: _Book) -> bool:
    """A word for "not" inside the match, right after it, or right before it when the match does not open with its subject."""
    if phrase.has_negation or "negation" in rule.keep:
        return False
    mask = message.masks.get(book.negation, 0)
    if not mask:
        return False
    mask &= ~message.masks.get(book.not_only, 0) >> 1  # "niet alleen", "niet één keer" deny nothing
    before = start - 1 if start and not message.masks.get(book.subject, 0) >> start & 1 else start
    return bool(mask >> before & ((1 << (end + 1 - before)) - 1))


def _excepted(rule: Rule, start: int, end: int, message: Message) -> bool:
    if not rule.unless:
        return False
    low = max(0, start - _NEAR + 1)
    near = ((1 << (end + _NEAR + 1)) - 1) & ~((1 << low) - 1)
    return any(ends_of(phrase, message) & near for phrase in rule.unless)


def _draw(reading: _Reading) -> set[str]:
    """Applies remarks on the whole message, then the conclusions. Gives everything that holds: codes and facts."""
    rules, fired = reading.book.rules, reading.fired
    facts: set[str] = set()
    for number in list(fired):
        facts.update(rules[number].facts)
    if "fiction" in facts and "real" not in facts:
        for number in list(fired):
            rule = rules[number]
            if "fiction" not in rule.keep and not rule.facts:
                del fired[number]
    held: set[str] = set(facts)
    pending = list(reading.book.always)
    waiting = [number for number in fired if rules[number].conditional]
    places = {number: fired.pop(number) for number in waiting}
    for number in fired:
        _hold(rules[number], held)
    if "violence" in held or fired or facts:
        for number in sorted({*pending, *waiting}):
            rule = rules[number]
            if rule.with_ <= held and not (rule.without & held):
                fired[number] = places.get(number, (-1, -1))
                _hold(rule, held)
    reading.facts = held
    return held


def _hold(rule: Rule, held: set[str]) -> None:
    held.update(rule.signals, rule.themes, rule.forms, rule.roles, rule.needs, rule.facts)
    if rule.minor:
        held.add("minor")
    if rule.forms or not _VIOLENT_SIGNALS.isdisjoint(rule.signals):
        held.add("violence")
    if rule.level in ("serious", "acute"):
        held.add(rule.level)


def _conclude(reading: _Reading, text: str, language: str) -> Assessment:
    held = _draw(reading)
    if not reading.fired:
        return Assessment(language=language)
    rules = [(reading.book.rules[number], place) for number, place in reading.fired.items()]
    over = "past" in held and "recent" not in held
    asked = "question" in held and "personal" not in held
    level = "none"
    signals: list[str] = []
    themes: list[str] = []
    forms: list[str] = []
    needs: list[str] = []
    roles: set[str] = set()
    minor = person = False
    for rule, _ in rules:
        counts = not ((over and "past" not in rule.keep) or (asked and "question" not in rule.keep))
        if counts:
            level = higher(level, rule.level)
            signals.extend(rule.signals)
        elif rule.level != "none":
            level = higher(level, "concern")
        if not asked or "question" in rule.keep:
            themes.extend(rule.themes)
            forms.extend(rule.forms)
            roles.update(rule.roles)
        needs.extend(rule.needs)
        minor = minor or rule.minor
        person = person or rule.person
    if "suspicion" in held and level == "serious" and "child" not in held and "victim" not in roles:
        level = "concern"
    if level == "none":
        themes, forms, signals = [], [], []
    role = next((role for role in _ROLE_ORDER if role in roles), "unknown")
    found = _Found(level, set(signals), {*themes, *forms, *needs, role})
    if minor:
        found.light.add("minor")
    if person:
        found.light.add("person")
    return Assessment(
        language=language,
        themes=in_order(THEMES, themes),
        forms=in_order(FORMS, forms),
        role=role,
        level=level,
        danger_signals=in_order(SIGNALS, signals),
        needs=in_order(NEEDS, needs),
        caller_is_minor=minor,
        wants_person=person,
        reasons=_reasons(found, rules, reading, text),
    )


@dataclass(slots=True)
class _Found:
    """What a message amounts to, before its reasons are written."""

    level: str
    signals: set[str]
    light: set[str]  # themes, forms, needs, role, "minor", "person"


def _reasons(
    found: _Found, rules: list[tuple[Rule, tuple[int, int]]], reading: _Reading, text: str
) -> tuple[Reason, ...]:
    """Why each value holds: every rule for a level or signal (with its place), the first rule for anything else."""
    spans: list[tuple[int, int]] | None = None
    reasons: list[Reason] = []
    said: set[str] = set()
    for rule, (first, after) in rules:
        heavy = [("danger_signals", code) for code in rule.signals if code in found.signals]
        if rule.level == found.level != "none":
            heavy.insert(0, ("level", rule.level))
        light = [pair for pair in rule.light if pair[1] not in said and pair[1] in found.light]
        if not heavy and not light:
            continue
        name = f"{reading.language}/{rule.name}"
        if heavy:
            start = end = -1
            if first >= 0:
                if spans is None:
                    spans = [match.span() for match in (SPLIT if reading.book.split else JOINED).finditer(text)]
                start, end = spans[first][0], spans[max(first, after - 1)][1]
            reasons += [Reason(where, value, "rule", name, rule.text, start, end) for where, value in heavy]
        for where, value in light:
            said.add(value)
            reasons.append(Reason(where, _TRUE.get(value, value), "rule", name, rule.text))
    return tuple(reasons)


def _moved(found: Assessment, shift: int) -> Assessment:
    """Spans in the tail of a very long text, put back at their place in the whole."""
    moved = []
    for reason in found.reasons:
        start, end = reason.start, reason.end
        if start > READ[0]:
            start, end = start + shift, end + shift
        moved.append(Reason(reason.field, reason.value, reason.source, reason.rule, reason.text, start, end))
    return Assessment.from_dict({**found.to_dict(), "reasons": [reason.to_dict() for reason in moved]})


# The model's opinion ------------------------------------------------------------------------------------------------

_MODEL_WORDS: Final = {
    "none": "geen", "concern": "zorg of vraag", "serious": "ernstig", "acute": "acuut",
    "partner_violence": "partnergeweld", "child_maltreatment": "kindermishandeling", "elder_abuse": "ouderenmis(be)handeling",
    "family_violence": "ander familiaal geweld", "sexual_violence": "seksueel geweld", "stalking": "belaging",
    "honour_violence": "eergerelateerd geweld", "high_conflict_divorce": "vechtscheiding", "other_violence": "ander geweld",
    "physical": "fysiek", "psychological": "psychisch", "sexual": "seksueel", "economic": "economisch", "neglect": "verwaarlozing",
    "victim": "slachtoffer", "perpetrator": "pleger", "bystander": "omstaander", "professional": "professional",
    "violence_now": "geweld nu", "perpetrator_present": "pleger dichtbij", "weapon": "wapen", "strangulation": "keel of adem",
    "threat_to_kill": "doodsbedreiging", "suicide_risk": "zelfdoding", "severe_injury": "zwaar gewond", "confined": "opgesloten",
    "child_in_danger": "kind in gevaar", "recent_sexual_assault": "recent seksueel geweld", "pregnant": "zwanger",
    "separation": "scheiding", "escalation": "het wordt erger", "order_breach": "maatregel overtreden",
    "shelter": "onderdak", "financial": "geld", "medical": "medische zorg", "legal": "juridisch", "aggression_help": "agressiehulp",
    "caller_is_minor": "minderjarig", "wants_person": "wil een mens",
}  # fmt: skip
_LISTS: Final = {"themes": THEMES, "forms": FORMS, "danger_signals": SIGNALS, "needs": NEEDS}


def merge_labels(
    base: Assessment,
    labels: Mapping[str, Mapping[str, float]],
    thresholds: Mapping[str, Mapping[str, float]] | None = None,
) -> Assessment:
    """Adds the model's probabilities to an assessment; it can only raise.

    `labels`: {"level": {"acute": p, …}, "themes": {code: p}, "forms", "role", "danger_signals", "needs",
    "caller_is_minor": {"true": p}, "wants_person": {"true": p}}. `thresholds` has the same shape and comes from calibration;
    what it lacks is 0.5. The thresholds of `level` are for "at least this level": the probability of "serious" counts
    those of "acute" too. The role is taken only when the rules do not know it.
    """
    limits = thresholds or {}

    def limit(where: str, value: str) -> float:
        return limits.get(where, {}).get(value, 0.5)

    def reason(where: str, value: str, probability: float, word: str) -> Reason:
        text = f"model: {probability:.2f} {word}".replace(".", ",", 1)
        return Reason(where, value, "model", f"model/{where}", text)

    reasons: list[Reason] = []
    level, at_least = "none", 0.0
    for code in reversed(LEVELS[1:]):
        at_least += labels.get("level", {}).get(code, 0.0)
        if at_least >= limit("level", code):
            level = code
            if higher(base.level, code) != base.level or base.level == code:
                reasons.append(reason("level", code, at_least, _MODEL_WORDS[code]))
            break
    lists: dict[str, tuple[str, ...]] = {}
    for where, vocabulary in _LISTS.items():
        chosen = []
        for code in vocabulary:
            probability = labels.get(where, {}).get(code, 0.0)
            if probability >= limit(where, code):
                chosen.append(code)
                reasons.append(reason(where, code, probability, _MODEL_WORDS[code]))
        lists[where] = tuple(chosen)
    role = "unknown"
    if base.role == "unknown" and labels.get("role"):
        best, probability = max(labels["role"].items(), key=lambda item: item[1])
        if best in ROLES and best != "unknown" and probability >= limit("role", best):
            role = best
            reasons.append(reason("role", best, probability, _MODEL_WORDS[best]))
    flags = {}
    for where in ("caller_is_minor", "wants_person"):
        probability = labels.get(where, {}).get("true", 0.0)
        flags[where] = probability >= limit(where, "true")
        if flags[where]:
            reasons.append(reason(where, "true", probability, _MODEL_WORDS[where]))
    return base.merge(
        Assessment(
            language=base.language,
            themes=lists["themes"],
            forms=lists["forms"],
            role=role,
            level=level,
            danger_signals=lists["danger_signals"],
            needs=lists["needs"],
            caller_is_minor=flags["caller_is_minor"],
            wants_person=flags["wants_person"],
            reasons=tuple(reasons),
        )
    )


# Reading the rule files ---------------------------------------------------------------------------------------------


def _read_book(language: str, doc: Mapping[str, Any]) -> _Book:
    where = f"{language}.yml"
    if not isinstance(doc, Mapping) or not isinstance(doc.get("rules"), list):
        raise RuleError(f"In {where} ontbreekt de lijst 'rules'.")
    unknown = set(doc) - {"words", "rules", "negation", "not_only", "subject", "common", "not_typos"}
    if unknown:
        raise RuleError(f"In {where} staat '{min(unknown)}', dat niet bekend is.")
    lists = {
        str(name): _strings(items, f"{where}, woordenlijst '{name}'")
        for name, items in (doc.get("words") or {}).items()
    }
    negations = frozenset(_strings(doc.get("negation"), f"{where}, 'negation'"))
    common = frozenset(_strings(doc.get("common"), f"{where}, 'common'"))
    split = language == "fr"
    lexicon = Lexicon()
    compiler = Compiler(lexicon, lists, negations, common, split=split)
    lexicon.not_typos(_strings(doc.get("not_typos"), f"{where}, 'not_typos'"))
    rules: list[Rule] = []
    names: set[str] = set()
    for raw in doc["rules"]:
        rule = _read_rule(raw, where, compiler)
        if rule.name in names:
            raise RuleError(f"In {where} staan twee regels met de naam '{rule.name}'.")
        names.add(rule.name)
        rules.append(rule)
    phrases = tuple((number, phrase) for number, rule in enumerate(rules) for phrase in rule.phrases)
    index: dict[int, list[int]] = {}
    for at, (_, phrase) in enumerate(phrases):
        for anchor in phrase.anchors:
            index.setdefault(anchor, []).append(at)
    return _Book(
        rules=tuple(rules),
        lexicon=lexicon,
        split=split,
        phrases=phrases,
        anchors={anchor: tuple(found) for anchor, found in index.items()},
        always=tuple(number for number, rule in enumerate(rules) if not rule.phrases),
        negation=lexicon.number_of(negations),
        not_only=lexicon.number_of(_strings(doc.get("not_only"), f"{where}, 'not_only'")),
        subject=lexicon.number_of(_strings(doc.get("subject"), f"{where}, 'subject'")),
    )


def _read_rule(raw: Any, where: str, compiler: Compiler) -> Rule:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("name"), str):
        raise RuleError(f"In {where} staat een regel zonder naam ('name').")
    here = f"{where}, regel '{raw['name']}'"
    unknown = set(raw) - _KEYS
    if unknown:
        raise RuleError(f"{here}: '{min(map(str, unknown))}' is niet bekend. Kies uit: {', '.join(sorted(_KEYS))}.")
    values = {
        key: tuple(_strings(raw.get(key), f"{here}, '{key}'")) for key in (*_VALUES, "fact", "with", "without", "keep")
    }
    for key, vocabulary in (*_VALUES.items(), ("keep", _KEEP)):
        for value in values[key]:
            if value not in vocabulary:
                raise RuleError(f"{here}: '{value}' bestaat niet bij '{key}'. Kies uit: {', '.join(vocabulary)}.")
    phrases = _phrases(raw.get("phrases"), f"{here}, 'phrases'", compiler)
    conditional = bool(values["with"] or values["without"])
    if not phrases and not conditional:
        raise RuleError(f"{here}: er is geen zin ('phrases') en geen voorwaarde ('with').")
    sets = any(values[key] for key in (*_VALUES, "fact")) or raw.get("minor") or raw.get("person")
    if not sets:
        raise RuleError(f"{here}: de regel besluit niets. Zet er bijvoorbeeld 'signal' of 'theme' bij.")
    if not raw.get("text") and any(values[key] for key in _VALUES):
        raise RuleError(f"{here}: 'text' ontbreekt, de reden die een medewerker leest.")
    if len(values["level"]) > 1:
        raise RuleError(f"{here}: er kan maar één 'level' zijn.")
    return Rule(
        name=raw["name"],
        text=str(raw.get("text", "")),
        signals=values["signal"],
        themes=values["theme"],
        forms=values["form"],
        roles=values["role"],
        needs=values["need"],
        level=values["level"][0] if values["level"] else _usual_level(values, conditional=conditional),
        minor=raw.get("minor") is True,
        person=raw.get("person") is True,
        facts=values["fact"],
        phrases=phrases,
        unless=_phrases(raw.get("unless"), f"{here}, 'unless'", compiler),
        with_=frozenset(values["with"]),
        without=frozenset(values["without"]),
        keep=frozenset(values["keep"]),
        light=(
            *((_FIELDS[key], value) for key in ("theme", "form", "role", "need") for value in values[key]),
            *((_FIELDS[key], key) for key in ("minor", "person") if raw.get(key) is True),
        ),
        must=tuple(_strings(raw.get("must"), f"{here}, 'must'")),
        must_not=tuple(_strings(raw.get("must_not"), f"{here}, 'must_not'")),
    )


def _usual_level(values: Mapping[str, tuple[str, ...]], *, conditional: bool) -> str:
    """Without `level`: that of the heaviest signal; a form of violence is serious, a theme alone a concern."""
    level = "none"
    for signal in values["signal"]:
        level = higher(level, SIGNAL_LEVELS[signal])
    if values["form"] and not values["signal"]:
        level = higher(level, "serious")
    if values["theme"] and not conditional:
        level = higher(level, "concern")
    return level


def _phrases(raw: Any, here: str, compiler: Compiler) -> tuple[Phrase, ...]:
    found = []
    for source in _strings(raw, here):
        try:
            found.append(compiler.compile(source))
        except PhraseError as error:
            raise RuleError(f"{here}: {error}.") from error
    return tuple(found)


def _strings(raw: Any, here: str) -> list[str]:
    if raw is None:
        return []
    items = raw if isinstance(raw, list) else [raw]
    if not all(isinstance(item, str | int) and not isinstance(item, bool) for item in items):
        raise RuleError(f"{here}: hier hoort tekst te staan; zet de zin tussen aanhalingstekens.")
    return [str(item) for item in items]
