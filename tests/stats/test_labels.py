"""Every code that a screen can meet has a word, in each language."""

import csv
from pathlib import Path
from typing import get_args

import pytest

from backend.conversations.events import Called, Outcome
from backend.kit.texts import LANGUAGES, catalogue
from backend.triage import assessment as a

SERVICES = Path(__file__).resolve().parents[2] / "data" / "services.csv"
CODES = {
    "level": a.LEVELS,
    "theme": a.THEMES,
    "form": a.FORMS,
    "role": a.ROLES,
    "signal": a.SIGNALS,
    "need": a.NEEDS,
    "language": a.LANGUAGES,
    "channel": ("chat", "phone"),
    "called": get_args(Called),
    "outcome": (*get_args(Outcome), "exit_button", "ended_by_contact", "connection_lost"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_word(language: str) -> None:
    known = {key.removeprefix("labels.") for key in catalogue(language) if key.startswith("labels.")}
    needed = {f"{table}.{code}" for table, codes in CODES.items() for code in codes}
    with SERVICES.open(encoding="utf-8") as file:
        needed |= {f"kind.{row['kind']}" for row in csv.DictReader(file)}
    assert not needed - known
    assert {key for key in known if not key.startswith("kind.")} == {n for n in needed if not n.startswith("kind.")}
