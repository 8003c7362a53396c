"""`quantloom backtest ticks`."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quantloom.backtest.ticks import LOG_QUEUE, PESSIMISTIC, PRO_RATA, RISK_AVERSE, power_queue
from quantloom.cli.ticks import read_latency, read_queue
from tests.library.cli.conftest import Cli

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
SECONDS = 1_704_186_000_000_000_000 + 1_000_000_000 * np.arange(4)
MAKER = """
from quantloom.strategy import Parameter, Strategy


class Maker(Strategy):
    size: int = Parameter(1, low=1)

    def on_tick(self, ctx, tick):
        if not ctx.orders() and ctx.position.is_flat:
            ctx.buy(tick.symbol, self.size, price=ctx.round_down(tick.bid), post_only=True)
"""


@pytest.fixture
def given(tmp_path: Path) -> list[object]:
    """A strategy that joins the best bid, and files of quotes and of trades at it."""
    (tmp_path / "maker.py").write_text(MAKER)
    moments = SECONDS.astype("datetime64[ns]")
    quotes: dict[str, Any] = {"ts": moments, "bid": [9.99] * 4, "ask": [10.0] * 4}
    sizes = {"bid_qty": [3.0] * 4, "ask_qty": [3.0] * 4}
    pq.write_table(pa.table(quotes | sizes), tmp_path / "quotes.parquet")
    trades: dict[str, Any] = {
        "ts": moments[1:3],
        "price": [9.99] * 2,
        "qty": [2.0, 3.0],
        "side": ["sell"] * 2,
    }
    pq.write_table(pa.table(trades), tmp_path / "trades.parquet")
    files = [word for name in ("quotes", "trades") for word in ("--data", f"{name}.parquet")]
    return ["backtest", "ticks", "maker.py", *files, "--symbol", "X.LOCAL"]


def test_it_runs_a_strategy_over_quotes_and_trades(cli: Cli, given: list[object]) -> None:
    found = cli(*given, "--latency", "0", "--queue", "pessimistic", "--param", "size=2", "--json")

    # 3 stand in front: 2 are sold at 1 s, of the 3 at 2 s one takes the last of them.
    assert found.json["fills"] == 1
    assert found.json["final_cash"] == pytest.approx(100_000 - 2 * 9.99)
    assert found.json["executor"] == "ticks"
    assert found.json["ticks"]["queue"] == "pessimistic"
    assert found.json["ticks"]["latency"].startswith("order 0 ms")


def test_latency_lets_the_market_go_on(cli: Cli, given: list[object]) -> None:
    found = cli(*given, "--latency", "2500,feed=0", "--json")

    assert found.json["fills"] == 0


def test_it_tells_people_what_was_assumed(cli: Cli, given: list[object]) -> None:
    found = cli(*given, "--latency", "0", "--report", "report.html", "--lang", "zh")

    assert found.code == 0
    assert "6 ticks, queue risk_averse, latency: order 0 ms" in found.out
    assert "in the strategy's favour: an order, a cancel or its news takes no time" in found.err
    assert "审慎（risk_averse）" in Path("report.html").read_text("utf-8")


def test_models_are_read_as_the_page_writes_them() -> None:
    models = [RISK_AVERSE, PESSIMISTIC, PRO_RATA, LOG_QUEUE, power_queue(2)]
    names = ("risk-averse", "pessimistic", "pro-rata", "log", "power:2")

    assert [read_queue(name) for name in names] == models
    assert all(f"`{name}`" in PAGE for name in names)
    told = "order 5 ms, cancel 10 ms, response 3 ms, feed 1 ms"
    assert str(read_latency("5,cancel=10,response=3,feed=1")) == told


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("--queue", "kind"),
        ("--queue", "log:2"),
        ("--queue", "power:x"),
        ("--latency", "soon"),
        ("--latency", "5,order=3"),
        ("--latency", "5,cancel=x"),
    ],
)
def test_other_models_are_refused_with_examples(
    cli: Cli, given: list[object], option: str, text: str
) -> None:
    found = cli(*given, option, text)

    assert found.code == 2
    assert text in found.err
    assert {"--queue": "power:2", "--latency": "5,cancel=10"}[option] in found.err


def test_a_run_on_bars_says_how_to_run_ticks(cli: Cli, given: list[object]) -> None:
    found = cli("backtest", "run", "sma-cross", "--data", given[4])

    assert found.code == 2
    assert "quantloom backtest ticks" in found.err


def test_the_page_names_every_option(cli: Cli) -> None:
    part = PAGE.split("## A backtest on ticks")[1].split("## Comparing results")[0]

    shown = cli("backtest", "ticks", "--help").out

    options = set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--no-short", "--help"}
    assert len(options) > 20
    assert sorted(option for option in options if option not in part) == []
