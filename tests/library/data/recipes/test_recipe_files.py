"""A recipe file is read whole before any data, and says in words what is wrong with it."""

from pathlib import Path
from typing import Any

import pytest

from quantloom.data.names import DatasetNotFound
from quantloom.data.readers import FileNotThere
from quantloom.data.recipes import (
    STAGES,
    BadRecipe,
    BadSetting,
    ColumnMadeTwice,
    DataTooPoor,
    DifferentCloses,
    Recipe,
    StepsOutOfOrder,
    UnknownColumn,
    UnknownSetting,
    UnknownStep,
    run_recipe,
)
from quantloom.errors import QuantloomError
from quantloom.indicators import BadIndicatorParameter, IndicatorNotFound
from tests.library.data.recipes.builders import (
    RETURNS,
    SPLIT,
    graded,
    make_bars,
    make_recipe,
    make_source,
    step,
)

TEXT = """
name = "tried"
version = 2
[data]
symbols = ["AA.LOCAL"]
timeframe = "1h"
start = 2020-01-02
[[steps]]
step = "returns"
periods = 1
"""


def test_a_file_is_read_as_it_says(tmp_path: Path) -> None:
    path = tmp_path / "tried.toml"
    path.write_text(TEXT, encoding="utf-8")

    recipe = Recipe.read(path)

    assert (recipe.name, recipe.version, recipe.symbols) == ("tried", 2, ("AA.LOCAL",))
    assert recipe.features == ("return_1",)
    assert Recipe.of(recipe.plain()).digest == recipe.digest


def test_layout_changes_no_digest_and_every_setting_does(tmp_path: Path) -> None:
    one, other, third = (tmp_path / name for name in "abc")
    one.write_text(TEXT, encoding="utf-8")
    other.write_text("# again\n" + TEXT.replace("periods = 1", "periods = [1]\nlog = false"))
    third.write_text(TEXT.replace("periods = 1", "periods = 2"))

    digests = [Recipe.read(path).digest for path in (one, other, third)]

    assert digests[0] == digests[1] != digests[2]


def test_the_content_of_a_named_file_is_part_of_the_digest(tmp_path: Path) -> None:
    told = {
        "name": "tried",
        "version": 1,
        "data": {"symbols": ["AA.LOCAL"], "timeframe": "1d"},
        "steps": [step("adjust", actions="actions.csv"), RETURNS],
    }
    recipe = Recipe.of(told, folder=tmp_path)
    with pytest.raises(FileNotThere):
        recipe.digest  # noqa: B018  asking is what raises
    (tmp_path / "actions.csv").write_text("symbol,ex_day,cash\nAA.LOCAL,2020-01-05,1\n")
    before = recipe.digest

    (tmp_path / "actions.csv").write_text("symbol,ex_day,cash\nAA.LOCAL,2020-01-05,2\n")

    assert recipe.digest != before


@pytest.mark.parametrize(
    ("steps", "error", "words"),
    [
        ([step("retruns", periods=1)], UnknownStep, "did you mean returns"),
        ([step("returns", period=1)], UnknownSetting, "did you mean periods"),
        ([step("returns")], BadSetting, "periods is missing"),
        ([step("returns", periods=0)], BadSetting, "below 1"),
        ([step("returns", periods=[1, 1])], BadSetting, "twice"),
        ([step("returns", periods=1.5)], BadSetting, "whole number"),
        ([step("returns", periods=True)], BadSetting, "whole number"),
        ([step("join", how="iner")], BadSetting, "did you mean inner"),
        ([step("resample", timeframe="1x")], BadSetting, "no timeframe"),
        ([step("calendar", what=[])], BadSetting, "names none"),
        ([step("indicator", name="RSII")], IndicatorNotFound, "RSI"),
        (
            [step("indicator", name="RSI", parameters={"span": 3})],
            BadIndicatorParameter,
            "period",
        ),
        ([step("indicator", name="MACD", outputs=["line"])], BadSetting, "histogram"),
        ([step("indicator", name="ATR", of=["close"])], BadSetting, "high, low, close"),
        ([RETURNS, step("join")], StepsOutOfOrder, "must come before returns"),
        ([step("join"), step("join")], StepsOutOfOrder, "second time"),
        ([step("fill"), step("resample", timeframe="4h")], StepsOutOfOrder, "before fill"),
        ([RETURNS, RETURNS], ColumnMadeTwice, "return_1"),
        ([RETURNS, SPLIT, step("normalise", method="zscore", of="return_2")], UnknownColumn, "did"),
        (
            [RETURNS, SPLIT, *[step("normalise", method="zscore", of="return_1")] * 2],
            BadSetting,
            "normalised already",
        ),
        ([step("forward_return", bars=1, **{"as": "close"})], ColumnMadeTwice, "close"),
        ([{"periods": 1}], BadSetting, "step is missing"),
    ],
)
def test_a_wrong_step_is_refused_with_what_there_is(
    steps: list[dict[str, Any]], error: type[QuantloomError], words: str
) -> None:
    with pytest.raises(error, match=words):
        make_recipe(*steps)


def test_the_order_of_steps_is_told() -> None:
    with pytest.raises(StepsOutOfOrder) as told:
        make_recipe(SPLIT, RETURNS)

    assert ", ".join(STAGES) in str(told.value)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": "Big Name"}, "needs a name"),
        ({"version": 0}, "needs a version"),
        ({"data": None}, "needs a table"),
        ({"steps": []}, "needs steps"),
        ({"description": 3}, "no text"),
    ],
)
def test_a_wrong_head_is_refused(changed: dict[str, Any], words: str) -> None:
    told = {
        "name": "tried",
        "version": 1,
        "data": {"symbols": ["AA.LOCAL"], "timeframe": "1d"},
        "steps": [RETURNS],
    }
    with pytest.raises(BadRecipe, match=words):
        Recipe.of(told | changed)


def test_an_unknown_key_of_the_head_is_refused() -> None:
    with pytest.raises(UnknownSetting, match="did you mean version"):
        Recipe.of({"name": "tried", "versoin": 1})


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("name = ", encoding="utf-8")

    with pytest.raises(BadRecipe, match="cannot be read"):
        Recipe.read(path)
    with pytest.raises(FileNotThere):
        Recipe.read(tmp_path / "none.toml")


def test_a_column_that_bars_lack_is_named_with_what_is_close() -> None:
    recipe = make_recipe(step("columns", of="turnver"))

    with pytest.raises(UnknownColumn, match="did you mean turnover"):
        run_recipe(recipe, make_source())


def test_a_label_can_be_read_by_no_step() -> None:
    recipe = make_recipe(
        step("forward_return", bars=2),
        step("triple_barrier", bars=2, side="forward_return_2"),
    )

    with pytest.raises(UnknownColumn, match="forward_return_2"):
        run_recipe(recipe, make_source())


def test_data_of_a_low_grade_are_refused() -> None:
    source = make_source()
    source["BB.LOCAL"] = graded(source["BB.LOCAL"], "D")

    with pytest.raises(DataTooPoor, match="has grade D"):
        run_recipe(make_recipe(step("clean", min_grade="B"), RETURNS), source)


def test_days_that_close_at_different_hours_are_not_compared() -> None:
    symbols = ["600000.SSE", "AAPL.NASDAQ"]
    source = {name: make_bars(name, 40, timeframe="1d") for name in symbols}
    recipe = make_recipe(RETURNS, step("rank", of="return_1"), symbols=symbols, timeframe="1d")

    with pytest.raises(DifferentCloses, match="America/New_York, Asia/Shanghai"):
        run_recipe(recipe, source)


def test_bars_that_are_not_there_are_said() -> None:
    with pytest.raises(DatasetNotFound, match="CC"):
        run_recipe(make_recipe(RETURNS, symbols=["CC.LOCAL"]), make_source())
    with pytest.raises(DatasetNotFound, match="1h"):
        run_recipe(make_recipe(RETURNS, timeframe="1d"), make_source())
