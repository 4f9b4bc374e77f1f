"""The labels of the annotation guide as numbers: what the examples carry, what the models learn, what the bot answers.

The level is learned as three questions ("at least a concern?", "at least serious?", "acute?"), because the levels have an
order; every other label is a question of its own.
"""

from typing import Any, Dict, List, Sequence, Tuple

LEVELS = ("none", "concern", "serious", "acute")
ROLES = ("victim", "perpetrator", "bystander", "professional", "unknown")
THEMES = (
    "partner_violence", "child_maltreatment", "elder_abuse", "family_violence", "sexual_violence", "stalking",
    "honour_violence", "high_conflict_divorce", "other_violence",
)  # fmt: skip
FORMS = ("physical", "psychological", "sexual", "economic", "neglect")
SIGNALS = (
    "violence_now", "perpetrator_present", "weapon", "strangulation", "threat_to_kill", "suicide_risk", "severe_injury",
    "confined", "child_in_danger", "recent_sexual_assault", "pregnant", "separation", "escalation", "order_breach",
)  # fmt: skip
NEEDS = ("shelter", "financial", "medical", "legal", "aggression_help")

OUTPUTS: Tuple[Tuple[str, str], ...] = (
    *(("level", value) for value in LEVELS[1:]),
    *(("role", value) for value in ROLES[:-1]),
    *(("themes", value) for value in THEMES),
    *(("forms", value) for value in FORMS),
    *(("danger_signals", value) for value in SIGNALS),
    *(("needs", value) for value in NEEDS),
    ("caller_is_minor", "true"),
    ("wants_person", "true"),
)
"""The questions, in the order of the models' outputs."""


def targets(labels: Dict[str, Any]) -> List[float]:
    """The answers of one example, 0 or 1, in the order of `OUTPUTS`. Absent labels are none, unknown, empty, false."""
    level = LEVELS.index(labels.get("level", "none"))
    found = []
    for name, value in OUTPUTS:
        if name == "level":
            holds = level >= LEVELS.index(value)
        elif name == "role":
            holds = labels.get("role", "unknown") == value
        elif value == "true":
            holds = bool(labels.get(name))
        else:
            holds = value in labels.get(name, ())
        found.append(float(holds))
    return found


def answer(chances: Sequence[float]) -> Dict[str, Dict[str, float]]:
    """Chances in the order of `OUTPUTS` as the bot gives them: `{"level": {"concern": 0.1, …}, "themes": {…}, …}`.

    Those of `level` are told apart ("a concern and not more"), so that with `none` they add up to one.
    """
    found: Dict[str, Dict[str, float]] = {}
    for (name, value), chance in zip(OUTPUTS, chances):
        found.setdefault(name, {})[value] = float(chance)
    level = found["level"]
    for value, higher in zip(LEVELS[1:], LEVELS[2:]):
        level[value] = max(0.0, level[value] - level[higher])
    return {name: {value: round(chance, 4) for value, chance in each.items()} for name, each in found.items()}
