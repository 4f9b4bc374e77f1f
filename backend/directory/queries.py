"""The directory in the database: seeded from data/*.csv, read back as the frozen snapshots that routing decides on."""

import csv
import hashlib
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from backend.db import tables as t
from backend.kit import times
from backend.routing.engine import Directory
from backend.routing.places import Gazetteer

# The files that the line works with, in the order of data/README.md.
FILES = (
    "municipalities",
    "place_aliases",
    "place_nicknames",
    "postal_codes",
    "areas",
    "police_zones",
    "primary_care_zones",
    "ocmw",
    "services",
    "gelderland_zuid",
    "public_holidays",
    "opening_hours",
)

Rows = list[dict[str, str]]


def seed(connection: Connection, folder: Path) -> list[str]:
    """Writes each file whose content changed since it was last written. Returns their names."""
    known = {row.file: row.sha256 for row in connection.execute(select(t.reference_versions))}
    written: list[str] = []
    for name in FILES:
        path = folder / f"{name}.csv"
        if not path.exists():
            continue
        raw = path.read_bytes()
        version = hashlib.sha256(raw).hexdigest()
        if known.get(name) == version:
            continue
        rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
        connection.execute(delete(t.reference).where(t.reference.c.file == name))
        connection.execute(
            insert(t.reference), [{"file": name, "position": i, "data": row} for i, row in enumerate(rows)]
        )
        connection.execute(delete(t.reference_versions).where(t.reference_versions.c.file == name))
        connection.execute(insert(t.reference_versions), {"file": name, "sha256": version, "seeded_at": times.now()})
        written.append(name)
    return written


def rows(connection: Connection, name: str) -> Rows:
    query = select(t.reference.c.data).where(t.reference.c.file == name).order_by(t.reference.c.position)
    return [dict(data) for data in connection.execute(query).scalars()]


def all_rows(connection: Connection) -> dict[str, Rows]:
    return {name: rows(connection, name) for name in FILES}


def gazetteer(tables: Mapping[str, Rows]) -> Gazetteer:
    return Gazetteer.from_rows(
        tables["municipalities"],
        tables["place_aliases"] + tables["place_nicknames"],
        tables["postal_codes"],
        tables["gelderland_zuid"],
    )


def directory(tables: Mapping[str, Rows]) -> Directory:
    return Directory.from_rows(
        services=tables["services"],
        areas=tables["areas"],
        ocmw=tables["ocmw"],
        municipalities=tables["municipalities"],
        dutch_municipalities=tables["gelderland_zuid"],
        holidays=tables["public_holidays"],
        opening_hours=tables["opening_hours"],
    )
