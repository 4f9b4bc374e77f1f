"""The examples with their labels, read from data/messages without Rasa."""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional

import yaml

LABELLED = "labelled_*.yml"  # the files whose examples carry labels
FOLDER = Path(__file__).resolve().parent.parent / "data" / "messages"


@dataclass(frozen=True)
class Example:
    text: str
    intent: str
    labels: Optional[Dict[str, Any]]  # None: only the intent is known
    source: str  # the author's pass, or the file


def kept_apart(text: str) -> bool:
    """One example in eight, chosen by its text: not for the encoder, only to calibrate the classifiers."""
    return zlib.crc32(text.strip().encode("utf-8")) % 8 == 0


def read_examples(folder: Path = FOLDER) -> List[Example]:
    """Every example of every file, in the order of files and lines."""
    return [example for file in sorted(folder.glob("*.yml")) for example in read_file(file)]


def read_file(file: Path) -> List[Example]:
    found: List[Example] = []
    with file.open(encoding="utf-8") as text:
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    for block in document["nlu"]:
        if "intent" not in block:
            continue
        intent, examples = block["intent"], block["examples"]
        if isinstance(examples, str):
            lines = [line[2:].strip() for line in examples.splitlines() if line.startswith("- ")]
            found += [Example(line, intent, None, file.stem) for line in lines]
            continue
        for each in examples:
            metadata = each.get("metadata") or {}
            found.append(Example(each["text"].strip(), intent, metadata.get("labels"), metadata.get("pass", file.stem)))
    return found
