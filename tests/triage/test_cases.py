"""Recall and false alarms of the rules alone, on messages written apart from the rules (cases_*.yml)."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from backend.triage.assessment import LEVELS, Assessment
from backend.triage.loading import load_rules
from backend.triage.rules import assess

HERE = Path(__file__).parent
RULES = load_rules()


@dataclass(frozen=True)
class Case:
    text: str
    level: str
    signals: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    role: str = ""


@dataclass
class Score:
    right: int = 0
    missed: int = 0
    extra: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.extra)


def cases(name: str) -> list[Case]:
    found = []
    groups = yaml.safe_load((HERE / f"cases_{name}.yml").read_text(encoding="utf-8"))
    for level in LEVELS:
        for line in groups.get(level, ()):
            text, signals, themes, role = ([part.strip() for part in line.split("//")] + ["-"] * 4)[:4]
            codes = [frozenset(part.split()) - {"-"} for part in (signals, themes)]
            found.append(Case(text, level, codes[0], codes[1], "" if role == "-" else role))
    return found


def read(name: str) -> list[tuple[Case, Assessment]]:
    return [(case, assess(case.text, RULES)) for case in cases(name)]


# `nl_unseen` was never used to repair a rule: the target on it is 0.90, the rules alone reach 0.85.
MINIMUM = {
    "nl": (0.98, 0.02),
    "nl_later": (0.97, 0.02),
    "nl_unseen": (0.85, 0.05),
    "fr": (0.95, 0.02),
    "en": (0.95, 0.02),
}
FILES = sorted(file.stem.removeprefix("cases_") for file in HERE.glob("cases_*.yml"))


@pytest.mark.parametrize("name", FILES)
def test_acute_messages_are_found_and_others_are_not_called_acute(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    results = read(name)
    acute = [(case, found) for case, found in results if case.level == "acute"]
    missed = [case.text for case, found in acute if found.level != "acute"]
    alarms = [case.text for case, found in results if case.level != "acute" and found.level == "acute"]
    hard = [case for case, _ in results if case.level == "none"]
    hard_alarms = [case.text for case, found in results if case.level == "none" and found.level == "acute"]
    recall = 1 - len(missed) / len(acute)
    precision = (len(acute) - len(missed)) / max(1, len(acute) - len(missed) + len(alarms))
    with capsys.disabled():
        print(
            f"\n{name}: acute recall {recall:.3f} ({len(acute)}), precision {precision:.3f}, hard negatives called acute "
            f"{len(hard_alarms)} of {len(hard)}, level right {sum(c.level == f.level for c, f in results) / len(results):.3f}"
        )
    least, most = MINIMUM[name]
    assert recall >= least, missed
    assert precision >= 0.75, alarms
    assert len(hard_alarms) <= most * len(hard), hard_alarms


@pytest.mark.parametrize("name", FILES)
def test_signals_themes_and_roles_are_mostly_right(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    signals, themes, roles = Score(), Score(), Score()
    for case, found in read(name):
        signals.right += len(case.signals & set(found.danger_signals))
        signals.missed += len(case.signals - set(found.danger_signals))
        if case.themes:
            themes.right += len(case.themes & set(found.themes))
            themes.missed += len(case.themes - set(found.themes))
            themes.extra += len(set(found.themes) - case.themes)
        if case.role:
            roles.right += case.role == found.role
            roles.missed += case.role != found.role
    with capsys.disabled():
        print(
            f"\n{name}: signals recall {signals.recall:.3f}, themes recall {themes.recall:.3f} precision {themes.precision:.3f}, "
            f"role {roles.recall:.3f}"
        )
    assert signals.right + signals.missed == 0 or signals.recall >= 0.85
    assert themes.right + themes.missed == 0 or (themes.recall >= 0.75 and themes.precision >= 0.70)
    assert roles.right + roles.missed == 0 or roles.recall >= 0.70


@pytest.mark.parametrize("name", FILES)
def test_who_asks_for_a_person_is_heard(name: str) -> None:
    groups = yaml.safe_load((HERE / f"cases_{name}.yml").read_text(encoding="utf-8"))
    for line in groups.get("wants_person", ()):
        assert assess(line, RULES).wants_person, line
    for line in groups.get("wants_no_person", ()):
        assert not assess(line, RULES).wants_person, line
