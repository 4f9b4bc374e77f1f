"""Reads the rule files from disk: the only place of triage that does. `load_rules(folder)` once, at the start."""

from pathlib import Path
from typing import Any, Final

import yaml

from backend.triage.rules import RuleError, RuleSet

FOLDER: Final = Path(__file__).resolve().parent / "danger"
_LANGUAGES: Final = ("nl", "fr", "en")


def load_rules(folder: Path = FOLDER) -> RuleSet:
    """The rules of every `<language>.yml` in the folder, or a `RuleError` with a sentence for who wrote them."""
    docs: dict[str, dict[str, Any]] = {}
    for language in _LANGUAGES:
        file = folder / f"{language}.yml"
        if not file.exists():
            continue
        try:
            doc = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise RuleError(f"{file.name} kan niet gelezen worden: {error}") from error
        if not isinstance(doc, dict):
            raise RuleError(f"{file.name} is leeg.")
        docs[language] = doc
    return RuleSet.parse(docs)
