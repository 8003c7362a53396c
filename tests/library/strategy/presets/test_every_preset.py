"""What holds for every preset, found by its entry point."""

import inspect
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest

from quantloom.market import Bars
from quantloom.strategy import BadParameter, Strategy, list_strategies, load_strategy
from quantloom.strategy.check import check_source
from quantloom.strategy.presets import InstrumentsNeeded
from tests.house.checkout import ROOT
from tests.library.strategy.presets.cases import (
    DATASETS,
    PRESETS,
    SEVERAL,
    SINGLE,
    bars_of,
    run,
    runs_on,
    symbols_of,
    timeframe_of,
)

CARELESS = {"off_lot", "off_tick", "bad_price", "not_ready", "would_close", "short_not_allowed"}
RUNS = [(preset, *one) for preset in SINGLE for one in DATASETS if runs_on(preset, one[1])]
# `sma-cross` stays as short as the first example of a strategy is.
CAREFUL = [name for name in SINGLE if name != "sma-cross"]
SHORTABLE = [name for name in SINGLE if "both_sides" in load_strategy(name).parameters]


def short_bars(preset: str, rows: int = 1_200) -> dict[str, Bars]:
    symbols = symbols_of(preset, "SPY.ARCA")
    return {symbol: bars_of(symbol, timeframe_of(preset))[-rows:] for symbol in symbols}


def test_the_presets_are_those_that_the_page_names() -> None:
    page = (ROOT / "docs" / "reference" / "presets.md").read_text()

    assert sorted(name for name in list_strategies() if f"\n## {name}\n" in page) == PRESETS
    assert len(PRESETS) >= 11


@pytest.mark.parametrize("preset", PRESETS)
def test_the_page_tells_every_parameter_and_its_default(preset: str) -> None:
    page = (ROOT / "docs" / "reference" / "presets.md").read_text()
    part = page.split(f"\n## {preset}\n")[1].split("\n## ")[0]

    specs = load_strategy(preset).parameters.values()
    told = {f"| `{spec.name}` | {spec.default} |" for spec in specs}

    assert {line for line in told if line not in part} == set()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_tells_its_rule_and_what_each_parameter_is(preset: str) -> None:
    cls = load_strategy(preset)

    assert inspect.getdoc(cls) != inspect.getdoc(Strategy)
    assert [name for name, spec in cls.parameters.items() if not spec.description] == []
    assert [
        name
        for name, spec in cls.parameters.items()
        if spec.kind is not bool and spec.low is None and not spec.choices
    ] == []


@pytest.mark.parametrize("preset", PRESETS)
def test_the_static_check_has_nothing_to_say(preset: str) -> None:
    source = inspect.getsource(sys.modules[load_strategy(preset).__module__])

    assert check_source(source) == ()


@pytest.mark.parametrize(("preset", "symbol", "timeframe"), RUNS)
@pytest.mark.sample(0.5)
@pytest.mark.untraced
def test_it_runs_over_every_market_without_careless_orders(
    preset: str, symbol: str, timeframe: str
) -> None:
    result = run(preset, symbol, timeframe=timeframe, participation=0.1)

    rules = Counter(result.orders["rule"].tolist())
    too_late = result.orders["rule"][result.orders["status"] == "rejected"] == "nothing_to_close"
    assert len(result.fills) > 0
    assert CARELESS & rules.keys() == set()
    assert np.count_nonzero(too_late) <= 0.02 * len(result.orders) + 1
    assert rules["insufficient_funds"] <= 0.02 * len(result.orders) + 1
    assert result.equity["quantity"].min() >= 0


@pytest.mark.parametrize("preset", SHORTABLE)
@pytest.mark.untraced
def test_both_sides_goes_short_too(preset: str) -> None:
    timeframe = "5m" if preset == "opening-range" else "1d"

    result = run(preset, "rb-MAIN.SHFE", timeframe=timeframe, parameters={"both_sides": True})

    assert result.equity["quantity"].max() > 0 > result.equity["quantity"].min()
    assert CARELESS & set(result.orders["rule"].tolist()) == set()


@pytest.mark.parametrize("preset", SHORTABLE)
def test_both_sides_is_refused_where_nothing_can_be_sold_short(preset: str) -> None:
    data = bars_of("BTC-USD.COINBASE", "1h")

    with pytest.raises(BadParameter, match="would sell BTC-USD"):
        run(preset, bars={data.symbol: data}, parameters={"both_sides": True})


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.untraced
def test_the_same_run_gives_the_same_bytes(preset: str) -> None:
    bars = short_bars(preset)
    settings: dict[str, Any] = {"parameters": SEVERAL.get(preset, {})}

    assert (
        run(preset, bars=bars, **settings).to_bytes()
        == run(preset, bars=bars, **settings).to_bytes()
    )


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.untraced
def test_a_future_cut_off_changes_no_earlier_fill(preset: str) -> None:
    bars = short_bars(preset)
    settings: dict[str, Any] = {"parameters": SEVERAL.get(preset, {})}

    whole = run(preset, bars=bars, **settings)
    cut = next(iter(bars.values())).ts[700]
    part = run(
        preset,
        bars={name: one[: int(np.sum(one.ts < cut))] for name, one in bars.items()},
        **settings,
    )

    count = len(part.fills)
    # The last bar of a cut run is the last of its day only where the calendar says so.
    early = part.fills["ts_ns"] < max(one.ts[-1] for one in part.data.values())
    assert np.count_nonzero(early) > 0
    for name in ("ts_ns", "symbol", "side", "quantity", "price"):
        assert part.fills[name][early].tolist() == whole.fills[name][:count][early].tolist()


@pytest.mark.parametrize("latency", [0, 2])
@pytest.mark.parametrize("preset", CAREFUL)
@pytest.mark.sample(0.6)
@pytest.mark.untraced
def test_thin_volume_and_late_orders_never_turn_a_long_run_short(preset: str, latency: int) -> None:
    market = ("rb-MAIN.SHFE", "5m") if preset == "opening-range" else ("SPY.ARCA", "1d")

    result = run(preset, market[0], timeframe=market[1], participation=0.0002, latency=latency)

    partial = Counter(result.fills["order_id"].tolist())
    assert max(partial.values()) > 1
    assert result.equity["quantity"].min() >= 0
    assert len(result.orders) <= 6 * len(result.bars)


@pytest.mark.parametrize("preset", SEVERAL)
def test_what_needs_several_instruments_says_so(preset: str) -> None:
    with pytest.raises(InstrumentsNeeded, match="the run holds 1: SPY"):
        run(preset, "SPY.ARCA")


@pytest.mark.parametrize(
    ("preset", "values", "named"),
    [
        ("sma-cross", {"fast": 30, "slow": 30}, "fast"),
        ("macd", {"fast": 26, "slow": 12}, "fast"),
        ("rsi", {"oversold": 70.0, "overbought": 30.0}, "oversold"),
        ("grid", {"levels": 50, "step": 2.0}, "step"),
        ("turtle", {"leave": 20}, "leave"),
        ("turtle", {"failsafe": 10}, "failsafe"),
        ("opening-range", {"minutes": 200}, "minutes"),
        ("momentum-rotation", {"top": 3}, "top"),
        ("momentum-rotation", {"top": 1, "skip": 252}, "skip"),
        ("pairs", {"entry": 5.0}, "entry"),
    ],
)
def test_parameters_that_do_not_fit_each_other_are_refused(
    preset: str, values: dict[str, float], named: str
) -> None:
    timeframe = "1d" if preset in SEVERAL else "1h"

    with pytest.raises(BadParameter, match=f"parameter {named} ") as caught:
        run(preset, *symbols_of(preset, "SPY.ARCA"), timeframe=timeframe, parameters=values)

    assert caught.value.parameter == named


def test_an_opening_range_wants_bars_of_the_day() -> None:
    with pytest.raises(BadParameter, match="give shorter bars than 1d"):
        run("opening-range", "SPY.ARCA")
