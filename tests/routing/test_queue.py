"""Who is next: danger first, then waiting time, and nobody starves."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.routing.queue import RANK, RISE, Waiting, order, wait_minutes

NOW = datetime(2026, 11, 23, 21, 0, tzinfo=UTC)
waiting = st.lists(
    st.builds(
        lambda n, level, minutes: Waiting(str(n), level, NOW - timedelta(minutes=minutes)),
        st.integers(0, 10**6),
        st.sampled_from(sorted(RANK)),
        st.floats(0, 300),
    ),
    max_size=40,
    unique_by=lambda one: one.id,
)


@given(waiting)
def test_every_acute_contact_stands_before_every_other(line: list[Waiting]) -> None:
    level = {one.id: one.level for one in line}
    levels = [level[place.id] == "acute" for place in order(line, NOW)]
    assert levels == sorted(levels, reverse=True)


@given(waiting)
def test_positions_are_contiguous_and_everyone_has_one(line: list[Waiting]) -> None:
    places = order(line, NOW)
    assert [place.position for place in places] == list(range(1, len(line) + 1))
    assert {place.id for place in places} == {one.id for one in line}


@given(waiting)
def test_of_the_same_level_who_waited_longest_is_first(line: list[Waiting]) -> None:
    since = {one.id: one for one in line}
    places = order(line, NOW)
    for level in RANK:
        moments = [since[place.id].since for place in places if since[place.id].level == level]
        assert moments == sorted(moments)


def test_a_question_that_waited_long_is_not_overtaken_by_a_younger_serious_contact() -> None:
    old = Waiting("old", "none", NOW - 2 * RISE - timedelta(minutes=1))
    young = Waiting("young", "serious", NOW - timedelta(minutes=2))
    assert [place.id for place in order([young, old], NOW)] == ["old", "young"]
    assert [place.risen for place in order([young, old], NOW)] == [2, 0]


def test_a_waiting_time_is_given_only_when_it_is_known() -> None:
    assert wait_minutes(1, 0, [10] * 20) is None
    assert wait_minutes(1, 2, [10] * 4) is None
    low, high = wait_minutes(4, 2, [10, 12, 14, 16, 18, 20, 22, 24]) or (0, 0)
    assert 0 < low < high
