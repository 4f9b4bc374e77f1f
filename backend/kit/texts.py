"""The sentences of the screens: `text("citizen.send", "nl")` reads `texts/nl/citizen.toml`.

Dutch is the source. A key that a language lacks falls back to Dutch, so that nobody ever reads a key; a test fails on it.
"""

import tomllib
from functools import lru_cache
from pathlib import Path

LANGUAGES = ("nl", "fr", "en")
_FOLDER = Path(__file__).resolve().parent.parent / "texts"


def _flatten(prefix: str, table: dict[str, object], into: dict[str, str]) -> None:
    for key, value in table.items():
        if isinstance(value, dict):
            _flatten(f"{prefix}{key}.", value, into)
        else:
            into[prefix + key] = str(value)


@lru_cache
def catalogue(language: str) -> dict[str, str]:
    """Every text of one language, `file.key` to sentence."""
    found: dict[str, str] = {}
    for file in sorted((_FOLDER / language).glob("*.toml")):
        _flatten(f"{file.stem}.", tomllib.loads(file.read_text(encoding="utf-8")), found)
    return found


def text(key: str, language: str = "nl", **values: object) -> str:
    sentence = catalogue(language if language in LANGUAGES else "nl").get(key) or catalogue("nl")[key]
    return sentence.format(**values) if values else sentence
