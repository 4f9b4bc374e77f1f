"""The data folder into memory. The only place of routing and directory that opens a file."""

import csv
from pathlib import Path

from backend.routing.engine import Directory
from backend.routing.places import Gazetteer


def rows(file: Path) -> list[dict[str, str]]:
    """A CSV file with a header row, UTF-8; cells without surrounding blanks, an absent cell is empty."""
    with file.open(encoding="utf-8", newline="") as source:
        return [{key: (value or "").strip() for key, value in row.items()} for row in csv.DictReader(source)]


def load_gazetteer(data: Path) -> Gazetteer:
    return Gazetteer.from_rows(
        rows(data / "municipalities.csv"),
        rows(data / "place_aliases.csv") + rows(data / "place_nicknames.csv"),
        rows(data / "postal_codes.csv"),
        rows(data / "gelderland_zuid.csv"),
    )


def load_directory(data: Path) -> Directory:
    return Directory.from_rows(
        services=rows(data / "services.csv"),
        areas=rows(data / "areas.csv"),
        ocmw=rows(data / "ocmw.csv"),
        municipalities=rows(data / "municipalities.csv"),
        dutch_municipalities=rows(data / "gelderland_zuid.csv"),
        holidays=rows(data / "public_holidays.csv"),
        opening_hours=rows(data / "opening_hours.csv"),
    )
