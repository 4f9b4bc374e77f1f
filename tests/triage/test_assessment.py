"""An assessment can only grow, and survives the way through JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.triage.assessment import (
    FORMS,
    LEVELS,
    NEEDS,
    ROLES,
    SIGNALS,
    THEMES,
    Assessment,
    Reason,
    in_order,
)


def some(codes: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(st.sampled_from(codes)).map(lambda chosen: in_order(codes, chosen))


reasons = st.builds(
    Reason,
    st.sampled_from(("level", "themes")),
    st.sampled_from(LEVELS),
    st.just("rule"),
    st.text(max_size=5),
    st.text(max_size=9),
)
assessments = st.builds(
    Assessment,
    language=st.sampled_from(("nl", "fr", "en", "other")),
    themes=some(THEMES),
    forms=some(FORMS),
    role=st.sampled_from(ROLES),
    level=st.sampled_from(LEVELS),
    danger_signals=some(SIGNALS),
    needs=some(NEEDS),
    caller_is_minor=st.booleans(),
    wants_person=st.booleans(),
    places=st.lists(st.sampled_from(("24062", "11002")), max_size=2, unique=True).map(tuple),
    place_ambiguous=st.booleans(),
    reasons=st.lists(reasons, max_size=4, unique_by=lambda r: (r.rule, r.field, r.value)).map(tuple),
)


@given(st.lists(assessments, min_size=1, max_size=8))
def test_no_message_lowers_what_was_reached(told: list[Assessment]) -> None:
    sofar = told[0]
    for later in told[1:]:
        merged = sofar.merge(later)
        assert LEVELS.index(merged.level) == max(LEVELS.index(sofar.level), LEVELS.index(later.level))
        for name in ("themes", "forms", "danger_signals", "needs"):
            assert set(getattr(merged, name)) == {*getattr(sofar, name), *getattr(later, name)}
        assert merged.caller_is_minor == (sofar.caller_is_minor or later.caller_is_minor)
        assert merged.wants_person == (sofar.wants_person or later.wants_person)
        assert merged.role == (later.role if later.role != "unknown" else sofar.role)
        assert merged.places == (later.places or sofar.places)
        assert set(merged.reasons) >= set(sofar.reasons)
        sofar = merged


@given(assessments)
def test_merging_the_same_twice_changes_nothing(one: Assessment) -> None:
    assert one.merge(one) == one


@given(assessments)
def test_it_survives_json(one: Assessment) -> None:
    assert Assessment.from_dict(json.loads(json.dumps(one.to_dict()))) == one


def test_codes_that_the_guide_lacks_are_refused() -> None:
    with pytest.raises(ValueError, match="annotation guide"):
        Assessment.from_dict({"level": "urgent"})
    with pytest.raises(ValueError, match="annotation guide"):
        Assessment.from_dict({"themes": ["theft"]})
