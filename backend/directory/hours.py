"""PURE. Opening hours of the directory. The deciding is in `backend.routing.hours`, because the routing engine, which
stands below the directory, needs it too; this is the name under which the rest of the system uses it."""

from backend.routing.hours import (
    BRUSSELS,
    Hours,
    closes_at,
    from_rows,
    moment,
    open_now,
    opens_again,
    opens_text,
    summary,
    week_text,
)

__all__ = [
    "BRUSSELS",
    "Hours",
    "closes_at",
    "from_rows",
    "moment",
    "open_now",
    "opens_again",
    "opens_text",
    "summary",
    "week_text",
]
