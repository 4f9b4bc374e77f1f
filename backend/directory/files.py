"""The data folder into memory, without a database. The only place of routing and directory that opens a file."""

import csv
from pathlib import Path

from backend.directory import queries
from backend.routing.engine import Directory
from backend.routing.places import Gazetteer


def rows(file: Path) -> list[dict[str, str]]:
    """A CSV file with a header row, UTF-8; cells without surrounding blanks, an absent cell is empty."""
    with file.open(encoding="utf-8", newline="") as source:
        return [{key: (value or "").strip() for key, value in row.items()} for row in csv.DictReader(source)]


def tables(data: Path) -> dict[str, list[dict[str, str]]]:
    return {name: rows(data / f"{name}.csv") for name in queries.FILES}


def load_gazetteer(data: Path) -> Gazetteer:
    return queries.gazetteer(tables(data))


def load_directory(data: Path) -> Directory:
    return queries.directory(tables(data))
