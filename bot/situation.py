"""What the helpline already knows, put into slots, so that the bot never asks it again. Pure.

Slots hold codes only. `LASTING` are the ones that go back to the helpline and return with the next turn; the others
are worked out afresh on each turn from those and from `meta`.
"""

from typing import Any, Dict, Mapping, Optional, Tuple

FORM = "intake_form"
QUESTIONS: Tuple[str, ...] = ("safe", "told", "for_whom", "age", "place", "wish")
ACUTE_QUESTIONS: Tuple[str, ...] = ("safe", "place")
MINOR_AGES = ("0-11", "12-17", "minor")
LANGUAGES = ("nl", "fr", "en")

# slot -> what it may hold; anything else that comes in is dropped
LASTING: Dict[str, Tuple[Any, ...]] = {
    "safe": ("yes", "no", "watched", "unsure", "refused"),
    "told": (True, False),
    "for_whom": ("self", "child", "adult", "professional", "unknown", "refused"),
    "age": ("0-11", "12-17", "18-25", "26-59", "60+", "minor", "unknown", "refused"),
    "place": ("given", "ambiguous", "unclear", "unknown", "refused"),
    "wish": ("person", "info", "where", "unknown", "refused"),
    "minor": (True, False),
    "missed": (0, 1, 2),
    "place_tries": (0, 1, 2),
    "introduced": (True, False),
    "said_called": (True, False),
    "person_asked": (True, False),
    "handover": ("asked", "intake_done", "not_understood"),
    "active_form": (FORM,),
    "requested_slot": QUESTIONS,
}

ROLES = {"victim": "self", "perpetrator": "self", "professional": "professional"}
ABOUT = {"self": "self", "child": "child"}


def kept(slots: Mapping[str, Any]) -> Dict[str, Any]:
    """The lasting slots out of a dict, without empty ones and without anything that is not a known code."""
    return {
        name: slots[name]
        for name, codes in LASTING.items()
        if slots.get(name) is not None
        and any(slots[name] == code and type(slots[name]) is type(code) for code in codes)
    }


def about(for_whom: Optional[str]) -> str:
    """Whose age the bot asks: of the writer ("self"), a child, or another person ("other")."""
    return ABOUT.get(for_whom or "", "other")


def situation(language: str, slots: Mapping[str, Any], meta: Mapping[str, Any]) -> Dict[str, Any]:
    """All slots at the start of a turn, from the lasting ones and what the helpline found in the words."""
    known: Dict[str, Any] = kept(slots)
    places = meta.get("nis") or []
    ambiguous = bool(meta.get("ambiguous")) and len(places) != 1
    known.setdefault("for_whom", ROLES.get(str(meta.get("role"))))
    if places and not ambiguous:
        known["place"] = "given"
    minor = (
        bool(known.get("minor"))
        or bool(meta.get("caller_is_minor"))
        or (known["for_whom"] == "self" and known.get("age") in MINOR_AGES)
    )
    if minor and known["for_whom"] == "self":
        known.setdefault("age", "minor")
    called = bool(meta.get("called"))
    acute = meta.get("level") == "acute"
    return {
        **dict.fromkeys(LASTING),
        **known,
        "missed": known.get("missed", 0),
        "place_tries": known.get("place_tries", 0),
        "language": language if language in LANGUAGES else "nl",
        "minor": minor,
        "tone": "child" if minor else "short" if called or acute else "adult",
        "about": about(known["for_whom"]),
        "called": called,
        "acute": acute,
        "ending": "called" if called else "done",
        "place_question": meta.get("question") if ambiguous and not known.get("place") else None,
        "place_asks": "which" if ambiguous and meta.get("question") and not known.get("place") else "open",
        "gave_up": False,
    }


def to_ask(acute: bool, safe: Optional[str], for_whom: Optional[str]) -> Tuple[str, ...]:
    """The questions of this talk, in order. Who is not safe is asked nothing more, except where help must go."""
    if acute:
        return ACUTE_QUESTIONS
    if safe in ("no", "watched"):
        return ("safe",)
    nobody = for_whom in ("unknown", "refused")  # then "how old is that person?" makes no sense
    return tuple(question for question in QUESTIONS if not (nobody and question == "age"))
