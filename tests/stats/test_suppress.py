"""Nobody can be found in a row of counts, also by a reader who knows exactly how counts are hidden (PRIV-7)."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.stats import suppress
from backend.stats.suppress import FLOOR, may_show, protect, rounded, single, thousands

counts = st.lists(st.one_of(st.integers(0, 14), st.integers(0, 400)), min_size=1, max_size=12)


def published(values: tuple[int, ...]) -> tuple[tuple[int | None, str], ...]:
    return tuple((cell.shown, cell.state) for cell in protect(values))


@given(counts)
def test_a_count_from_1_to_9_is_never_shown(values: list[int]) -> None:
    for value, cell in zip(values, protect(values), strict=True):
        if cell.shown is None:
            assert cell.text in ("<10", "–")
        else:
            assert not 0 < value < FLOOR
            assert cell.shown == rounded(value)
        if cell.state == "small":
            assert 0 < value < FLOOR


@given(counts)
def test_one_hidden_count_never_stands_alone(values: list[int]) -> None:
    hidden = [cell for cell in protect(values) if cell.shown is None]
    assert len(hidden) != 1 or len(values) == 1


@pytest.mark.parametrize(("cells", "up_to"), [(2, 45), (3, 26), (4, 14)])
def test_who_knows_the_total_and_this_code_cannot_work_out_a_hidden_count(
    cells: int, up_to: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every row of counts there is, grouped by what is published of it. The attacker even gets unrounded numbers."""
    monkeypatch.setattr(suppress, "rounded", lambda count: count)
    worlds: dict[object, list[tuple[int, ...]]] = defaultdict(list)
    for values in product(range(up_to), repeat=cells):
        total = sum(values)
        if total < up_to:  # beyond that, the rows that would hide these are not all in this list
            worlds[(published(values), single(total).text if total < FLOOR else total)].append(values)
    for (row, _), possible in worlds.items():  # type: ignore[misc]
        for index, (shown, _) in enumerate(row):
            if shown is None:
                found = {values[index] for values in possible}
                assert len(found) > 1 or not 0 < found.pop() < FLOOR, (row, possible)


@given(counts, st.integers(0, 100))
def test_themes_that_overlap_lose_no_more_than_they_must(values: list[int], short: int) -> None:
    shown = sum(value for value in values if value >= FLOOR)
    cells = protect(values, total=max(shown - short, 0))
    if shown:
        assert all(cell.shown is not None for value, cell in zip(values, cells, strict=True) if value >= FLOOR)


@given(st.integers(0, 10_000))
def test_what_is_shown_is_a_multiple_of_five(count: int) -> None:
    assert rounded(count) % 5 == 0
    assert abs(rounded(count) - count) <= 2


def test_the_smallest_other_count_goes_with_a_hidden_one() -> None:
    assert [cell.text for cell in protect([640, 405, 23, 4])] == ["640", "405", "–", "<10"]
    assert [cell.text for cell in protect([640, 405, 5, 4])] == ["640", "405", "<10", "<10"]


def test_two_small_counts_that_follow_from_their_sum_take_a_third_along() -> None:
    assert [cell.text for cell in protect([640, 30, 9, 9])] == ["640", "–", "<10", "<10"]


def test_a_row_with_nothing_left_to_show_shows_nothing() -> None:
    assert [cell.text for cell in protect([3, 0, 12])] == ["–", "–", "–"]
    assert [cell.text for cell in protect([0, 0])] == ["0", "0"]


def test_numbers_are_written_as_in_dutch() -> None:
    assert thousands(2315) == "2\u202f315"
    assert single(7).text == "<10"
    assert single(0).text == "0"
    assert may_show((0, 10))
    assert not may_show((9, 10))
