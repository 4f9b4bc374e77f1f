"""What is known about a contact: the labels of the annotation guide, with a reason for each.

An assessment is a frozen value. `merge` only ever adds: a level is never lowered, a theme never taken away
(promise 5 of the design). Lowering is a decision of an operator and lives in the conversation's state.
The codes and their order are those of the annotation guide; lists are always written in that order.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

LANGUAGES: Final = ("nl", "fr", "en", "other")
LEVELS: Final = ("none", "concern", "serious", "acute")
THEMES: Final = (
    "partner_violence",
    "child_maltreatment",
    "elder_abuse",
    "family_violence",
    "sexual_violence",
    "stalking",
    "honour_violence",
    "high_conflict_divorce",
    "other_violence",
)
FORMS: Final = ("physical", "psychological", "sexual", "economic", "neglect")
ROLES: Final = ("victim", "perpetrator", "bystander", "professional", "unknown")
SIGNALS: Final = (
    "violence_now",
    "perpetrator_present",
    "weapon",
    "strangulation",
    "threat_to_kill",
    "suicide_risk",
    "severe_injury",
    "confined",
    "child_in_danger",
    "recent_sexual_assault",
    "pregnant",
    "separation",
    "escalation",
    "order_breach",
)
NEEDS: Final = ("shelter", "financial", "medical", "legal", "aggression_help")
SOURCES: Final = ("rule", "model", "operator", "words")

_RANK: Final = {level: rank for rank, level in enumerate(LEVELS)}


def higher(one: str, other: str) -> str:
    """The higher of two levels."""
    return one if _RANK[one] >= _RANK[other] else other


def in_order(vocabulary: tuple[str, ...], *lists: Iterable[str]) -> tuple[str, ...]:
    """The union of lists of codes, each once, in the order of the guide. A code that the guide lacks is refused."""
    union = {code for codes in lists for code in codes}
    if not union:
        return ()
    if not union.issubset(vocabulary):
        raise ValueError(f"not in the annotation guide: {sorted(union.difference(vocabulary))}")
    return tuple(code for code in vocabulary if code in union)


@dataclass(frozen=True, slots=True)
class Reason:
    """What set one value. `text` is Dutch, for an operator, and never repeats the words of a citizen.

    `start` and `end` are code-point offsets into the message that was read, or -1 when no single place shows it.
    """

    field: str  # "level", "themes", "forms", "role", "danger_signals", "needs", "caller_is_minor", "wants_person"
    value: str
    source: str  # one of SOURCES
    rule: str
    text: str
    start: int = -1
    end: int = -1

    def to_dict(self) -> dict[str, Any]:
        return {
            "field": self.field,
            "value": self.value,
            "source": self.source,
            "rule": self.rule,
            "text": self.text,
            "start": self.start,
            "end": self.end,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Reason":
        return cls(
            field=str(data["field"]),
            value=str(data["value"]),
            source=str(data["source"]),
            rule=str(data["rule"]),
            text=str(data["text"]),
            start=int(data.get("start", -1)),
            end=int(data.get("end", -1)),
        )


@dataclass(frozen=True, slots=True)
class Assessment:
    """The labels of one message, or of a whole contact (the merge of its messages)."""

    language: str = "nl"
    themes: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    role: str = "unknown"
    level: str = "none"
    danger_signals: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    caller_is_minor: bool = False
    wants_person: bool = False
    places: tuple[str, ...] = ()
    place_ambiguous: bool = False
    reasons: tuple[Reason, ...] = ()

    def merge(self, later: "Assessment") -> "Assessment":
        """Both together: levels and lists can only grow; language, role and place follow the later message when it says."""
        return Assessment(
            language=later.language,
            themes=in_order(THEMES, self.themes, later.themes),
            forms=in_order(FORMS, self.forms, later.forms),
            role=self.role if later.role == "unknown" else later.role,
            level=higher(self.level, later.level),
            danger_signals=in_order(SIGNALS, self.danger_signals, later.danger_signals),
            needs=in_order(NEEDS, self.needs, later.needs),
            caller_is_minor=self.caller_is_minor or later.caller_is_minor,
            wants_person=self.wants_person or later.wants_person,
            places=later.places or self.places,
            place_ambiguous=later.place_ambiguous if later.places else self.place_ambiguous,
            reasons=_without_duplicates(self.reasons, later.reasons),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, the same keys as `helpline assess` prints."""
        return {
            "language": self.language,
            "themes": list(self.themes),
            "forms": list(self.forms),
            "role": self.role,
            "level": self.level,
            "danger_signals": list(self.danger_signals),
            "needs": list(self.needs),
            "caller_is_minor": self.caller_is_minor,
            "wants_person": self.wants_person,
            "places": list(self.places),
            "place_ambiguous": self.place_ambiguous,
            "reasons": [reason.to_dict() for reason in self.reasons],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Assessment":
        """The way back. Missing keys mean "not said"; codes that the guide lacks are refused."""
        level, role = str(data.get("level", "none")), str(data.get("role", "unknown"))
        if level not in _RANK or role not in ROLES:
            raise ValueError(f"not in the annotation guide: level {level!r}, role {role!r}")
        return cls(
            language=str(data.get("language", "nl")),
            themes=in_order(THEMES, data.get("themes", ())),
            forms=in_order(FORMS, data.get("forms", ())),
            role=role,
            level=level,
            danger_signals=in_order(SIGNALS, data.get("danger_signals", ())),
            needs=in_order(NEEDS, data.get("needs", ())),
            caller_is_minor=bool(data.get("caller_is_minor", False)),
            wants_person=bool(data.get("wants_person", False)),
            places=tuple(str(place) for place in data.get("places", ())),
            place_ambiguous=bool(data.get("place_ambiguous", False)),
            reasons=tuple(Reason.from_dict(reason) for reason in data.get("reasons", ())),
        )


def _without_duplicates(first: tuple[Reason, ...], then: tuple[Reason, ...]) -> tuple[Reason, ...]:
    if not then:
        return first
    seen = {(reason.rule, reason.field, reason.value) for reason in first}
    added: list[Reason] = []
    for reason in then:
        key = (reason.rule, reason.field, reason.value)
        if key not in seen:
            seen.add(key)
            added.append(reason)
    return (*first, *added)
