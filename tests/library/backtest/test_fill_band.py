"""One run under three assumptions about its fills."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from quantloom.backtest import Band, backtest, band
from quantloom.data import random_walk
from quantloom.market import Bars
from quantloom.simulation import Slippage, SquareRootImpact, VolumeShareSlippage
from tests.library.backtest.builders import SYMBOL, buy, make_instrument, scripted, sell

DAYS = random_walk(300, 3, timeframe="1d", volatility=0.02, tick=Decimal("0.01"))
MINUTES = random_walk(300, 3, tick=Decimal("0.01"))


def make_band(**settings: Any) -> Band:
    return band("sma-cross", DAYS, parameters={"fast": 3, "slow": 8}, **settings)


def test_the_base_is_what_a_backtest_gives_byte_for_byte() -> None:
    terms: dict[str, Any] = {"slippage": 2, "commission": 0.001, "participation": 0.2}

    found = make_band(**terms)

    alone = backtest("sma-cross", DAYS, parameters={"fast": 3, "slow": 8}, **terms)
    assert found.base.to_bytes() == alone.to_bytes()


def test_settings_differ_as_told_and_nothing_else_does() -> None:
    found = make_band(slippage=Slippage.of(ticks=2, ratio="0.0001"), participation="0.2")

    # In the order base, pessimistic, optimistic.
    assert found.differences == {
        "slippage.ticks": ("2", "4", "0"),
        "slippage.ratio": ("0.0001", "0.0002", "0"),
        "participation": ("0.2", "0.1", "None"),
    }


def test_without_slippage_the_pessimistic_run_loses_a_tick() -> None:
    found = make_band()

    assert found.pessimistic.spec.slippage == Slippage.of(ticks=1)
    assert found.base.spec.slippage == Slippage()


def test_without_a_cap_the_pessimistic_run_fills_a_twentieth() -> None:
    assert make_band(participation=None).pessimistic.spec.participation == Decimal("0.05")


@pytest.mark.parametrize(("bars", "wanted"), [(DAYS, 1), (MINUTES, 2)])
def test_orders_arrive_a_bar_later_where_bars_are_shorter_than_a_day(
    bars: Any, wanted: int
) -> None:
    found = band("sma-cross", bars, latency=1)

    assert found.pessimistic.spec.latency == wanted
    assert found.optimistic.spec.latency == 0


def test_a_model_of_slippage_is_doubled_and_its_base_is_a_tick_at_least() -> None:
    share = make_band(slippage=VolumeShareSlippage(impact=Decimal("0.2")))
    root = make_band(slippage=SquareRootImpact(window=9, base=Slippage.of(ticks=2)))

    assert share.pessimistic.spec.slippage == VolumeShareSlippage(
        impact=Decimal("0.4"), base=Slippage.of(ticks=1)
    )
    assert root.pessimistic.spec.slippage == SquareRootImpact(
        coefficient=Decimal(2), window=9, base=Slippage.of(ticks=4)
    )


@pytest.mark.parametrize("seed", range(5))
def test_no_market_order_fills_better_under_harder_assumptions(seed: int) -> None:
    walk = random_walk(120, seed, timeframe="1d", volatility=0.03, tick=Decimal("0.01"))
    # So much volume that no cap splits or delays an order: each fills at one open in all three.
    prices = {name: getattr(walk, name) for name in ("open", "high", "low", "close")}
    bars = Bars.of(SYMBOL, "1d", ts=walk.ts, **prices, volume=np.full(120, 1e6))
    script = {row: buy(10) if row % 8 == 1 else sell() for row in range(1, 110, 4)}

    found = band(scripted(script), bars, instrument=make_instrument(), slippage=1, cash=10_000_000)

    kind, base, hard = (one.fills for one in (found.optimistic, found.base, found.pessimistic))
    assert len(base) > 20
    assert hard["order_id"].tolist() == base["order_id"].tolist() == kind["order_id"].tolist()
    sign = np.where(base["side"] == "buy", 1, -1)
    assert ((hard["price"] - base["price"]) * sign > 0).all()
    assert ((base["price"] - kind["price"]) * sign > 0).all()


def test_the_headline_is_the_base_with_the_others_beside_it() -> None:
    found = make_band(slippage=3)

    assert found.headline.keys() == ("metric", "base", "pessimistic", "optimistic")
    rows = {row.pop("metric"): row for row in found.headline.rows()}
    assert next(iter(rows)) == "total_return"
    assert rows["slippage"] == {
        name: result.metrics.slippage for name, result in found.results.items()
    }
    assert rows["slippage"]["pessimistic"] > rows["slippage"]["base"] > 0
    assert rows["slippage"]["optimistic"] == 0


def test_the_same_band_twice_gives_the_same_bytes() -> None:
    first, second = make_band(seed=4), make_band(seed=4)

    assert [one.to_bytes() for one in first.results.values()] == [
        one.to_bytes() for one in second.results.values()
    ]


def test_progress_goes_once_from_nothing_to_all() -> None:
    told: list[tuple[int, int]] = []

    make_band(progress=lambda done, total: told.append((done, total)))

    assert told == sorted(told)
    assert len({total for _, total in told}) == 1
    assert told[-1][0] == told[-1][1]


def test_a_band_says_what_came_of_it() -> None:
    found = make_band(slippage=1)

    returns = [f"{one.metrics.total_return:+.2%}" for one in found.results.values()]
    assert repr(found) == (
        f"<Band sma-cross on {DAYS.symbol} 1d: {returns[0]}, pessimistic {returns[1]}, "
        f"optimistic {returns[2]}>"
    )


@pytest.mark.parametrize(("language", "word"), [("en", "Pessimistic"), ("zh", "悲观")])
def test_the_page_draws_the_band_and_needs_nothing_else(
    tmp_path: Path, language: str, word: str
) -> None:
    path = make_band(slippage=1).to_html(tmp_path / "band.html", language=language)

    page = path.read_text("utf-8")
    assert page.count("<polygon") == 1
    assert page.count("<polyline") == 3
    assert word in page
    assert "slippage.ticks" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_notebook_shows_the_headline_and_the_drawing() -> None:
    shown = make_band()._repr_html_()

    assert "Total return" in shown
    assert "<polygon" in shown


def test_the_figure_has_the_band_between_the_lowest_and_the_highest() -> None:
    found = make_band(slippage=5)

    low, high, *lines = found.plot().data

    curves = np.array([found.curves[name] for name in found.results])
    assert list(low.y) == curves.min(axis=0).tolist()
    assert list(high.y) == curves.max(axis=0).tolist()
    assert high.fill == "tonexty"
    assert [line.name for line in lines] == ["Base", "Pessimistic", "Optimistic"]
