"""Shares and waiting times, with what they do not know."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.stats.measures import Wait, Waits, differs, wilson


def test_wilson_is_the_published_one() -> None:
    share = wilson(15, 148)  # Newcombe 1998, table I, method 3: 0.0624 to 0.1605
    assert (share.low, share.high) == (pytest.approx(0.0624, abs=1e-4), pytest.approx(0.1605, abs=1e-4))


@given(st.integers(0, 500), st.integers(0, 500))
def test_wilson_holds_the_share_and_stays_a_share(hits: int, others: int) -> None:
    share = wilson(hits, hits + others)
    if hits + others == 0:
        assert share.value is None
        return
    assert share.value is not None and share.low is not None and share.high is not None
    assert 0 <= share.low <= share.value + 1e-12
    assert share.value - 1e-12 <= share.high <= 1


def test_when_everybody_was_answered_the_quantile_is_the_plain_one() -> None:
    rng = random.Random(1)
    seconds = [rng.expovariate(1 / 20) for _ in range(1000)]
    found = Waits([Wait(one, True) for one in seconds]).quantile(0.95)
    assert found.value == sorted(seconds)[949]
    assert found.low is not None and found.high is not None
    assert found.low < found.value < found.high


def test_who_gives_up_does_not_make_the_line_look_fast() -> None:
    """Of twenty, eight leave after ten seconds: what is left says more about waiting than twelve quick answers."""
    answered = [Wait(float(second), True) for second in range(20, 32)]
    left = [Wait(10.0, False)] * 8
    still = [Wait(500.0, False)] * 2
    assert Waits(answered + left).quantile(0.5).value == 25
    assert Waits(answered + left + still).quantile(0.95).value is None  # the two who wait yet may wait for ever


def test_nobody_waited() -> None:
    assert Waits([]).quantile(0.5).value is None
    assert Waits([Wait(5, False)]).quantile(0.5).value is None


@given(st.lists(st.tuples(st.floats(0, 1000), st.booleans()), max_size=60))
def test_a_later_quantile_is_never_sooner(waits: list[tuple[float, bool]]) -> None:
    found = Waits([Wait(*one) for one in waits])
    half, most = found.quantile(0.5), found.quantile(0.95)
    if most.value is not None:
        assert half.value is not None and half.value <= most.value
        assert most.low is not None and most.low <= most.value
        assert most.high is None or most.value <= most.high


def test_a_difference_has_to_be_more_than_chance() -> None:
    assert differs(640, 405)
    assert not differs(135, 130)
