"""Reads the rule files from disk: the only place of triage that does. `load_rules(folder)` once, at the start."""

from pathlib import Path
from typing import Any, Final

import yaml

from backend.triage.rules import RuleError, RuleSet

FOLDER: Final = Path(__file__).resolve().parent / "danger"
_LANGUAGES: Final = ("nl", "fr", "en")


def load_rules(folder: Path = FOLDER) -> RuleSet:
    """The rules of every `<language>.yml` in the folder, with the rules and words of `<language>_<subject>.yml` added.

    Raises a `RuleError` with a sentence for who wrote them.
    """
    docs: dict[str, dict[str, Any]] = {}
    for language in _LANGUAGES:
        first = folder / f"{language}.yml"
        if not first.exists():
            continue
        docs[language] = _read(first)
        for file in sorted(folder.glob(f"{language}_*.yml")):
            _add(docs[language], _read(file), file.name)
    return RuleSet.parse(docs)


def _read(file: Path) -> dict[str, Any]:
    try:
        doc = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # six times faster
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RuleError(f"{file.name} kan niet gelezen worden: {error}") from error
    if not isinstance(doc, dict):
        raise RuleError(f"{file.name} is leeg.")
    return doc


def _add(doc: dict[str, Any], more: dict[str, Any], name: str) -> None:
    """A second file brings rules, new word lists and words for known lists; what says how to read is in the first."""
    unknown = set(more) - {"words", "rules"}
    if unknown:
        raise RuleError(f"In {name} staat '{min(unknown)}'; hier mogen alleen 'words' en 'rules' staan.")
    for list_name, items in (more.get("words") or {}).items():
        words = doc.setdefault("words", {})
        words[list_name] = [*words.get(list_name, []), *(items or [])]
    doc["rules"] = [*(doc.get("rules") or []), *(more.get("rules") or [])]
