"""Closed JSON shapes at the border: unknown fields, duplicate keys and lone surrogates are refused."""

import json
from typing import Any

from pydantic import BaseModel, ConfigDict

from backend.errors import BadRequest


class Shape(BaseModel):
    """A body or frame. An undeclared field is a mistake of the sender and is said so."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=False)


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def read_json(raw: str | bytes) -> Any:
    """Strict JSON: no duplicate keys, no NaN, no text that cannot be written as UTF-8."""
    try:
        source = raw.decode() if isinstance(raw, bytes) else raw
        value = json.loads(source, object_pairs_hook=_no_duplicates, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest from error
    return value


def _refuse(constant: str) -> None:
    raise ValueError(constant)
