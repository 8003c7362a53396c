"""Parts have nothing in common, and what is fitted is fitted to the train part alone."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.data.recipes import PARTS, BadSetting, EmptyPart, NothingToFit, run_recipe
from quantloom.kit import from_ns
from quantloom.market import Bars
from tests.library.data.recipes.builders import (
    RETURNS,
    SPLIT,
    graded,
    make_dataset,
    make_recipe,
    make_source,
    step,
)

METHODS = ("zscore", "minmax", "robust")


@settings(max_examples=30)
@given(
    seed=st.integers(1, 10_000),
    ahead=st.integers(1, 40),
    embargo=st.integers(0, 15),
    train=st.sampled_from([0.4, 0.5, 0.6]),
)
def test_no_label_of_one_part_reaches_into_another(
    seed: int, ahead: int, embargo: int, train: float
) -> None:
    split = step("split", train=train, valid=0.9 - train, test=0.1, embargo=embargo)
    recipe = make_recipe(RETURNS, step("triple_barrier", bars=ahead, span=10), split)
    try:
        dataset = run_recipe(recipe, make_source(seed=seed, count=400))
    except EmptyPart:
        # The test part is shorter than its labels.
        assert ahead + embargo > 10
        return

    ts, known = dataset.ts, dataset.labels["barrier"].known
    spans = {}
    for part in dataset.parts:
        rows = dataset.rows(part)
        assert (known[rows] >= rows).all()
        spans[part] = (int(ts[rows].min()), int(ts[known[rows]].max()))
    for before, after in pairwise(PARTS):
        assert spans[before][1] < dataset.begins[after] <= spans[after][0]
        moments = np.unique(ts)
        embargoed = moments[moments >= dataset.begins[after]][:embargo]
        assert not np.isin(ts[dataset.rows(after)], embargoed).any()


def test_without_purging_labels_do_reach_over() -> None:
    dataset = make_dataset(RETURNS, step("forward_return", bars=9), SPLIT | {"purge": False})

    rows = dataset.rows("train")
    known = dataset.labels["forward_return_9"].known[rows]
    assert dataset.ts[known].max() >= dataset.begins["valid"]


def test_all_symbols_are_cut_at_the_same_time() -> None:
    dataset = make_dataset(RETURNS, SPLIT)

    for part in PARTS:
        for symbol in dataset.symbols:
            ts = dataset.ts[dataset.rows(part, symbol)]
            assert ts.min() >= dataset.begins[part]
            later = [begin for begin in dataset.begins.values() if begin > dataset.begins[part]]
            assert not later or ts.max() < min(later)


def test_times_cut_where_they_say() -> None:
    source = make_source()
    moments = np.unique(np.concatenate([bars.ts for bars in source.values()]))
    valid, test = from_ns(int(moments[150])), from_ns(int(moments[220]))

    dataset = run_recipe(
        make_recipe(RETURNS, step("split", valid_from=valid, test_from=test)), source
    )

    assert [*dataset.begins.values()] == moments[[0, 150, 220]].tolist()


def test_rows_with_something_missing_are_left_out_and_counted() -> None:
    dropped = make_dataset(step("returns", periods=20), SPLIT)
    kept = make_dataset(step("returns", periods=20), SPLIT | {"incomplete": "keep"})

    assert dropped.left_out["incomplete"] == 40
    assert (kept.part >= 0).all()
    assert not np.isnan(dropped.matrix("train")).any()


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=10)
@given(seed=st.integers(1, 10_000))
def test_rows_after_the_train_part_change_nothing_in_it(method: str, seed: int) -> None:
    recipe = make_recipe(RETURNS, SPLIT, step("normalise", method=method, per="symbol"))
    source = make_source(seed=seed)
    before = run_recipe(recipe, source)
    changed = {name: shaken(bars, before.begins["valid"]) for name, bars in source.items()}

    after = run_recipe(recipe, changed)

    assert before.scalers == after.scalers
    assert before.matrix("train").tobytes() == after.matrix("train").tobytes()
    assert before.matrix("test").tobytes() != after.matrix("test").tobytes()


def shaken(bars: Bars, since_ns: int) -> Bars:
    """Bars whose prices from a time on are others."""
    factor = np.where(bars.ts >= since_ns, 1.0 + 0.3 * np.sin(np.arange(len(bars))), 1.0)
    return graded(
        Bars.of(
            bars.symbol,
            bars.timeframe,
            ts=bars.ts,
            open=bars.open * factor,
            high=bars.high * factor,
            low=bars.low * factor,
            close=bars.close * factor,
            volume=bars.volume,
            extras=bars.extras,
        )
    )


@pytest.mark.parametrize("method", METHODS)
def test_scalers_say_what_was_done_to_each_value(method: str) -> None:
    plain = make_dataset(RETURNS, SPLIT)
    scaled = make_dataset(RETURNS, SPLIT, step("normalise", method=method, per="symbol", clip=2.0))

    assert len(scaled.scalers) == 4
    for scaler in scaled.scalers:
        rows = plain.rows_of(scaler.symbol)
        wanted = scaler.apply(plain.features[scaler.column][rows])
        assert np.array_equal(scaled.features[scaler.column][rows], wanted, equal_nan=True)
        assert np.nanmax(np.abs(wanted)) <= 2.0


def test_a_train_part_is_scaled_to_what_the_method_says() -> None:
    train = {
        method: make_dataset(RETURNS, SPLIT, step("normalise", method=method)).matrix("train")
        for method in METHODS
    }

    assert train["zscore"].mean(axis=0) == pytest.approx([0, 0], abs=1e-12)
    assert train["zscore"].std(axis=0) == pytest.approx([1, 1])
    assert (train["minmax"].min(axis=0).tolist(), train["minmax"].max(axis=0).tolist()) == (
        [0, 0],
        [1, 1],
    )
    assert np.median(train["robust"], axis=0) == pytest.approx([0, 0], abs=1e-12)


def test_a_constant_is_scaled_to_nothing() -> None:
    dataset = make_dataset(
        step("calendar", what="month"), SPLIT, step("normalise", method="zscore")
    )

    assert dataset.scalers[0].scale == 1.0
    assert (dataset.features["month"] == 0).all()


def test_nothing_to_fit_is_said() -> None:
    steps = (step("returns", periods=250), SPLIT | {"incomplete": "keep"})

    with pytest.raises(NothingToFit, match="return_250"):
        make_dataset(*steps, step("normalise", method="zscore"))


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"train": 0.6}, "0.6 together"),
        ({"train": 0.0, "test": 1.0}, "nothing to fit"),
        ({"train": 0.6, "test": 0.4, "test_from": "2024-01-01"}, "shares or times"),
        ({"valid_from": "2024-02-01", "test_from": "2024-01-01"}, "not after"),
    ],
)
def test_a_split_that_cannot_be_is_refused_before_data_are_read(
    told: dict[str, object], words: str
) -> None:
    with pytest.raises(BadSetting, match=words):
        make_recipe(RETURNS, step("split", **told))
