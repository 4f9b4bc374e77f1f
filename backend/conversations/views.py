"""Read models per audience, as docs/protocol.md writes them. What is not built here, nobody sees."""

from collections.abc import Iterable
from typing import Any

from backend.conversations import events as e
from backend.conversations.board import Snapshot
from backend.conversations.log import Entry
from backend.conversations.state import State
from backend.kit.texts import text
from backend.kit.times import iso
from backend.routing.places import Gazetteer

# The immediate-safety set (requirements 1.4): what an operator sees as not asked while nobody mentioned it.
_SAFETY_SET = ("violence_now", "perpetrator_present", "weapon", "severe_injury", "strangulation", "threat_to_kill")
_GRAVE = {*_SAFETY_SET, "suicide_risk", "confined", "child_in_danger", "recent_sexual_assault"}

# For citizens


def citizen_events(entries: Iterable[Entry], language: str) -> list[dict[str, Any]]:
    return [shown for entry in entries if (shown := _citizen_event(entry, language)) is not None]


def _citizen_event(entry: Entry, language: str) -> dict[str, Any] | None:
    event, words = entry.event, entry.words or ""
    base: dict[str, Any] = {"seq": entry.seq, "at": iso(entry.at), "who": "system", "name": None, "text": words}
    base |= {"id": None, "choices": [], "urgent": False, "card": None}
    match event:
        case e.Said():
            return base | {"who": "you", "id": entry.client_id}
        case e.Replied():
            return base | {"who": "computer", "choices": list(event.choices)}
        case e.Noticed():
            return base | {"text": text(f"system.{event.key}", language, **event.values), "urgent": event.urgent}
        case e.Claimed():
            return base | {"text": text("system.claimed", language, name=event.name)}
        case e.OperatorSaid():
            return base | {"who": "person", "name": event.name}
        case e.Referred():
            shown = text("system.referred", language, name=event.name)
            return base | {"who": "person", "name": event.name, "text": shown, "card": event.card}
        case e.Closed():
            return base | {"text": text("system.closed", language)}
        case _:
            return None


def citizen_frame(entries: list[Entry], state: State, snapshot: Snapshot, *, after: int) -> dict[str, Any]:
    """The frame after a cursor."""
    return {
        "type": "events",
        "after": after,
        "events": citizen_events(entries, state.language),
        "head": state.seq,
        "state": citizen_state(state, snapshot),
    }


def citizen_state(state: State, snapshot: Snapshot) -> dict[str, Any]:
    """Who is there, truthfully. Never a level, a score, a theme or a reason (promise 5)."""
    position, wait = snapshot.wait(state.id)
    speaker = {"bot": "computer", "nobody": "nobody", "operator": "person"}[state.speaker]
    return {
        "speaker": speaker,
        "name": state.operator_name or None,
        "text": _state_text(state, position, wait, snapshot.staffed),
        "called": state.called,
        "position": position,
        "wait_minutes": list(wait) if wait else None,
        "staffed": snapshot.staffed,
        "emergency": state.emergency,
        "ended": state.ended,
    }


def _state_text(state: State, position: int | None, wait: tuple[int, int] | None, staffed: bool) -> str:
    def say(key: str, **values: object) -> str:
        return text(f"state.{key}", state.language, **values)

    if state.ended:
        return say("ended")
    if state.operator is not None:
        return say("person", name=state.operator_name)
    if state.speaker == "bot":
        return say("bot_called") if state.called else say("bot")
    if not staffed:
        return say("waiting_nobody")
    if position is None:
        return say("waiting")
    line = say("waiting_first") if position == 1 else say("waiting_position", position=position)
    return f"{line} " + (say("wait_range", low=wait[0], high=wait[1]) if wait else say("wait_unknown"))


# For staff


def label(group: str, code: str) -> str:
    return text(f"labels.{group}.{code}")


def labels(group: str, codes: Iterable[str]) -> list[str]:
    return [label(group, code) for code in codes]


def headline(state: State) -> str:
    """Why a contact stands where it stands, in a few words."""
    a = state.assessment
    grave = [code for code in a.danger_signals if code in _GRAVE]
    parts = labels("signal", grave or a.danger_signals)[:3] or labels("theme", a.themes)[:2]
    if not parts:
        return "Nog niets verteld" if not state.said else "Nog geen geweld genoemd"
    line = ", ".join(parts)
    return line[0].upper() + line[1:]


def item(state: State, snapshot: Snapshot, gazetteer: Gazetteer) -> dict[str, Any]:
    """One line of the queue."""
    a, place = state.assessment, snapshot.places.get(state.id)
    since = state.called_since or state.started_at
    role = label("role", a.role) if a.role != "unknown" else "rol onbekend"
    return {
        "id": state.id,
        "number": state.number,
        "level": a.level,
        "level_text": label("level", a.level),
        "reason": headline(state),
        "signals": labels("signal", a.danger_signals),
        "channel": state.channel,
        "channel_text": label("channel", state.channel),
        "language": a.language if a.language != "other" else state.language,
        "place": " of ".join(gazetteer.name(nis) for nis in a.places[:3]) or None,
        "place_ambiguous": a.place_ambiguous,
        "role_text": role + (", minderjarig" if a.caller_is_minor else ""),
        "since": iso(since) if since else None,
        "position": place.position if place else None,
        "speaker": {"bot": "computer", "nobody": "nobody", "operator": "person"}[state.speaker],
        "operator": state.operator_name or None,
        "unanswered": state.citizen_last,
    }


def queue(snapshot: Snapshot, me: int, available: bool, items: dict[str, dict[str, Any]]) -> dict[str, Any]:
    groups: dict[str, list[dict[str, Any]]] = {"waiting": [], "mine": [], "with_bot": [], "others": []}
    for state in snapshot.states:
        group = {"waiting": "waiting", "bot": "with_bot", "operator": "others"}[state.status]
        groups["mine" if state.operator == me else group].append(items[state.id])
    return {**groups, "available": available, "operators": snapshot.available}


def assessment(state: State, entries: Iterable[Entry], gazetteer: Gazetteer) -> dict[str, Any]:
    a = state.assessment
    about: dict[tuple[str, str, str], int] = {}
    for entry in entries:
        if isinstance(entry.event, e.Assessed):
            for reason in entry.event.assessment.get("reasons", []):
                about.setdefault((reason["rule"], reason["field"], reason["value"]), entry.event.about)
    return {
        "level": a.level,
        "level_text": label("level", a.level),
        "themes": labels("theme", a.themes),
        "forms": labels("form", a.forms),
        "role_text": label("role", a.role),
        "signals": [{"code": s, "text": label("signal", s), "grave": s in _GRAVE} for s in a.danger_signals],
        "needs": labels("need", a.needs),
        "caller_is_minor": a.caller_is_minor,
        "places": [{"nis": nis, "name": gazetteer.name(nis)} for nis in a.places],
        "place_ambiguous": a.place_ambiguous,
        "reasons": [
            {"text": r.text, "source": r.source, "seq": about.get((r.rule, r.field, r.value))} for r in a.reasons
        ],
        "not_asked": labels("signal", (s for s in _SAFETY_SET if s not in a.danger_signals)) if a.themes else [],
    }


def staff_events(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [_staff_event(entry) for entry in entries if not isinstance(entry.event, e.Started)]


def _staff_event(entry: Entry) -> dict[str, Any]:
    event = entry.event
    gone = event.has_words and entry.words is None
    words = "(de woorden zijn gewist)" if gone else entry.words or ""
    base: dict[str, Any] = {"seq": entry.seq, "at": iso(entry.at), "type": getattr(event, "type", ""), "who": "system"}
    base |= {"name": None, "text": words, "choices": [], "marks": [], "urgent": False, "card": None}
    match event:
        case e.Said():
            return base | {"who": "citizen", "marks": [] if gone else [list(mark) for mark in event.marks]}
        case e.Replied():
            return base | {"who": "computer", "choices": list(event.choices)}
        case e.OperatorSaid() | e.Noted():
            return base | {"who": "operator", "name": event.name}
        case e.Noticed():
            return base | {"text": text(f"system.{event.key}", **event.values), "urgent": event.urgent}
        case e.Assessed():
            level = event.assessment.get("level", "none")
            reasons = [
                r["text"] for r in event.assessment.get("reasons", []) if r["field"] in ("level", "danger_signals")
            ]
            because = f": {', '.join(dict.fromkeys(reasons[-3:]))}" if reasons else ""
            return base | {"text": f"Niveau {label('level', level)}{because}"}
        case e.PersonCalled():
            return base | {"text": text(f"staff.called_{event.reason}")}
        case e.Claimed():
            return base | {"name": event.name, "text": text("staff.claimed", name=event.name)}
        case e.HandedBack():
            return base | {"name": event.name, "text": text(f"staff.handed_back_{event.to}", name=event.name)}
        case e.Referred():
            shown = text("staff.referred", name=event.name, service=event.card.get("name", event.service))
            return base | {"who": "operator", "name": event.name, "text": shown, "card": event.card}
        case e.LevelSet():
            shown = text("staff.level_set", name=event.name, level=label("level", event.level), reason=words)
            return base | {"name": event.name, "text": shown}
        case e.PlaceSet():
            return base | {"name": event.name, "text": text("staff.place_set", name=event.name)}
        case e.BotFailed():
            return base | {"text": text(f"staff.bot_failed_{event.reason}")}
        case e.Left():
            return base | {"text": text(f"staff.left_{event.how}")}
        case e.Closed():
            return base | {
                "name": event.name,
                "text": text("staff.closed", name=event.name, outcome=label("outcome", event.outcome)),
            }
        case _:
            return base


def doors(decision: Any, state: State) -> dict[str, Any]:
    """The proposals of the routing engine, for an operator: with unconfirmed numbers, marked as such."""
    return {
        "services": [
            {
                "service": c.service,
                "name": c.name,
                "kind": c.kind,
                "kind_text": label("kind", c.kind),
                "why": c.why,
                "phone": c.phone,
                "phone_confirmed": c.phone_confirmed,
                "hours": c.hours,
                "open_now": c.open_now,
                "opens": c.opens,
                "website": c.website,
                "address": c.address,
                "access": c.access,
                "note": c.note,
                "referred": c.service in state.referred,
            }
            for c in decision.services
        ],
        "rejected": [{"service": r.service, "name": r.name, "why": r.why} for r in decision.rejected],
        "ask": decision.ask,
    }
