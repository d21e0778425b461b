import numpy as np
import pytest

from studio.app.timeline.spans import OPEN, SpanTable, Style


def random_table(count: int, seed: int) -> tuple[SpanTable, list[tuple[int, int, int]]]:
    """A table filled out of order with some rows closed late, and its rows as plain tuples."""
    rng = np.random.default_rng(seed)
    table, plain = SpanTable(), []
    for index in range(count):
        start = index * 100 + int(rng.integers(-900, 100))
        length = int(rng.choice([0, 0, 40, 700, 9000]))
        style = Style(int(rng.choice([Style.SPAN, Style.MARK, Style.ERROR], p=[0.5, 0.45, 0.05])))
        late = rng.random() < 0.2
        handle = table.add(start, OPEN if late else start + length, style, index)
        if late:
            table.change(handle, end=start + length)
        plain.append((start, start + length, int(style)))
    return table, plain


def test_visible_rows_are_those_that_a_plain_search_finds() -> None:
    table, plain = random_table(3000, 1)
    for start, end in ((-5000, 10**9), (50_000, 50_010), (120_000, 180_000), (299_000, 299_001)):
        rows = table.visible(start, end)
        expected = sorted((s, e, style) for s, e, style in plain if s < end and e >= start)
        assert sorted(zip(rows.start.tolist(), rows.end.tolist(), rows.style.tolist(), strict=True)) == expected
        assert (np.diff(rows.start) >= 0).all()


def test_columns_are_covered_where_a_plain_search_finds_a_row() -> None:
    table, plain = random_table(3000, 2)
    edges = np.arange(1_000, 290_000, 317, dtype=np.int64)
    columns = table.columns(edges, now=10**9)
    for index, (low, high) in enumerate(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)):
        touching = [style for s, e, style in plain if low <= s < high or (s < low and e > low)]
        assert bool(columns[index]) == bool(touching)
        assert (columns[index] == Style.ERROR) == (Style.ERROR in touching)


def test_an_open_row_reaches_to_now() -> None:
    table = SpanTable()
    table.add(100, OPEN, Style.SPAN, 0)
    columns = table.columns(np.array([0, 100, 200, 300, 400]), now=250)
    assert columns.tolist() == [0, Style.SPAN, Style.SPAN, 0]


def test_a_closed_row_cannot_be_closed_again() -> None:
    table = SpanTable()
    handle = table.add(0, 10, Style.SPAN, 0)
    with pytest.raises(ValueError, match="closed already"):
        table.change(handle, end=20)


@pytest.mark.parametrize("count", [3, 3000])
def test_a_row_that_ends_earlier_than_thought_is_not_found_later(count: int) -> None:
    table = SpanTable()
    first = table.add(0, 1_000_000_000, Style.UNHEARD, 0)
    for index in range(1, count):
        table.add(index, index, Style.MARK, index)
    table.shorten(first, 5000)
    assert not len(table.visible(6000, 7000))
    assert not table.columns(np.array([6000, 7000, 8000], np.int64), now=10**10).any()
