"""`quantloom backtest run` over several instruments, with finer bars, a benchmark and a state."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from quantloom.data import open_catalog, random_walk
from quantloom.market import get_calendar, resample
from tests.library.cli.conftest import Cli

pytestmark = pytest.mark.usefixtures("unaudited")

BOTH = ("--symbol", "SPY.ARCA", "--symbol", "AAPL.NASDAQ", "--timeframe", "1d")
TURNING = '''
from quantloom import Strategy


class Turning(Strategy):
    """Buys one of each on Mondays and sells on Fridays."""

    bars = 0

    def on_bars(self, ctx, bars):
        self.bars += 1
        for symbol in bars:
            if ctx.trading_day.weekday() == 0 and not ctx.position_of(symbol).quantity:
                ctx.buy(symbol, 1)
            elif ctx.trading_day.weekday() == 4:
                ctx.close(symbol)

    def save_state(self):
        return {"bars": self.bars}

    def restore_state(self, state):
        self.bars = state["bars"]
'''


@pytest.fixture
def turning(tmp_path: Path) -> Path:
    path = tmp_path / "turning.py"
    path.write_text(TURNING, encoding="utf-8")
    return path


def test_several_symbols_run_together_with_a_line_for_each(cli: Cli, turning: Path) -> None:
    outcome = cli("backtest", "run", turning, *BOTH, "--start", "2019-01-01", "--json")

    found = outcome.json
    first, second = found["instruments"]
    assert (first["symbol"], second["symbol"]) == ("SPY.ARCA", "AAPL.NASDAQ")
    assert found["symbol"] == "SPY.ARCA, AAPL.NASDAQ"
    for key in ("bars", "fills", "round_trips"):
        assert first[key] + second[key] == found[key]
        assert first[key] > 50


def test_the_lines_of_the_instruments_add_up_to_the_account(cli: Cli, turning: Path) -> None:
    outcome = cli("backtest", "run", turning, *BOTH, "--commission", "0.001", "--json")

    found = json.loads(outcome.out, parse_float=Decimal)
    profit = sum(line["profit"] for line in found["instruments"])
    assert found["instruments"][0]["commission"] > 0
    assert found["initial_cash"] + profit == found["final_equity"]


def test_people_see_a_line_for_each_instrument(cli: Cli, turning: Path) -> None:
    shown = cli("backtest", "run", turning, *BOTH).out

    assert "SPY.ARCA +1" in shown
    assert "Instruments" in shown
    assert "AAPL.NASDAQ" in shown


def test_several_files_are_named_in_their_order(cli: Cli, turning: Path, tmp_path: Path) -> None:
    for seed in (1, 2):
        random_walk(300, seed=seed).to_frame().to_csv(tmp_path / f"{seed}.csv")

    outcome = cli(
        *("backtest", "run", turning, "--data", "1.csv", "--data", "2.csv"),
        *("--symbol", "ONE.LOCAL", "--symbol", "TWO.LOCAL", "--tick", "0.05", "--json"),
    )

    assert [line["symbol"] for line in outcome.json["instruments"]] == ["ONE.LOCAL", "TWO.LOCAL"]


def test_every_order_is_counted_once_by_what_became_of_it(cli: Cli, bars_file: Path) -> None:
    outcome = cli("backtest", "run", "bollinger", "--data", bars_file, "--size", "500", "--json")

    counts = outcome.json["order_outcomes"]
    assert sum(counts.values()) == outcome.json["orders"]
    assert counts["rejected"] == outcome.json["rejected_orders"]


def test_orders_that_filled_in_part_are_told(cli: Cli, bars_file: Path, tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(
        "from quantloom import Strategy\n\n\nclass Late(Strategy):\n"
        "    def on_start(self, ctx):\n"
        "        ctx.buy('walk.LOCAL', 10**6, tif='IOC')\n"
        "        ctx.buy('walk.LOCAL', 1, price=1, tif='DAY')\n\n"
        "    def on_bar(self, ctx, bar): ...\n",
        encoding="utf-8",
    )

    shown = cli("backtest", "run", "late.py", "--data", bars_file, "--cash", "10000000").out

    assert "2 order(s): 1 partly filled, 1 expired" in shown


def test_undefined_measures_are_a_dash_and_explained_on_request(cli: Cli, bars_file: Path) -> None:
    command = ("backtest", "run", "sma-cross", "--data", bars_file, "--end", "2020-01-01T00:20")

    plain, explained = cli(*command).out, cli(*command, "--explain").out

    assert "Sharpe ratio –" in plain
    assert "no value: needs at least 2 trading days" in explained
    assert "no value: no benchmark was given" in explained


def test_a_benchmark_is_a_symbol_of_the_catalog_or_a_file(cli: Cli, tmp_path: Path) -> None:
    open_catalog().read("SPY.ARCA", "1d").to_frame().to_csv(tmp_path / "spy.csv")
    command = ("backtest", "run", "sma-cross", "--symbol", "AAPL.NASDAQ", "--json")

    by_symbol = cli(*command, "--benchmark", "SPY.ARCA").json["metrics"]
    by_file = cli(*command, "--benchmark", "spy.csv").json["metrics"]

    assert by_symbol["beta"] is not None
    assert by_file == by_symbol


def test_detail_is_a_timeframe_of_the_catalog_or_files(cli: Cli, tmp_path: Path) -> None:
    fine = random_walk(2_000, seed=3)
    fine.to_frame().to_csv(tmp_path / "WALK.csv")
    resample(fine, "5m", get_calendar("24x7")).to_frame().to_csv(tmp_path / "coarse.csv")
    cli("data", "import", "WALK.csv", "--symbol", "WALK.LOCAL")
    command = ("backtest", "run", "bollinger", "--data", "coarse.csv", "--symbol", "WALK.LOCAL")

    without = cli(*command, "--json").json["hashes"]["result"]
    by_catalog = cli(*command, "--detail", "1m", "--json").json["hashes"]["result"]
    by_file = cli(*command, "--detail", "WALK.csv", "--json").json["hashes"]["result"]

    assert by_catalog == by_file
    assert by_catalog != without


def test_a_state_is_saved_and_taken_up_by_the_next_run(cli: Cli, turning: Path) -> None:
    command = ("backtest", "run", turning, "--symbol", "SPY.ARCA", "--timeframe", "1d")

    first = cli(*command, "--end", "2010-01-01", "--save-state", "out/state.json", "--json")
    second = cli(
        *(*command, "--start", "2010-01-01", "--state", "out/state.json"),
        *("--save-state", "out/state.json", "--json"),
    )

    saved = json.loads(Path("out/state.json").read_text(encoding="utf-8"))
    assert saved == {"bars": first.json["bars"] + second.json["bars"]}


def test_terms_of_the_market_reach_the_run(cli: Cli, bars_file: Path) -> None:
    command = ("backtest", "run", "sma-cross", "--data", bars_file, "--size", "2000", "--json")
    changes = (
        ("--participation", "none"),
        ("--latency", "2"),
        ("--slippage", "volume-share:5"),
        ("--slippage", "square-root:1"),
    )

    plain = cli(*command, "--cash", "10000000").json["hashes"]["result"]
    changed = [
        cli(*command, "--cash", "10000000", *change).json["hashes"]["result"] for change in changes
    ]

    assert len({plain, *changed}) == 5


def test_an_account_of_another_currency_takes_rates_by_pair(cli: Cli, turning: Path) -> None:
    terms = ("--start", "2019-01-01", "--account-currency", "EUR", "--json")
    plain = cli("backtest", "run", turning, *BOTH, *terms[:2], "--json").json
    euros = cli("backtest", "run", turning, *BOTH, *terms, "--fx", "EURUSD=1.25", "--cash", "80000")

    assert euros.json["currency"] == "EUR"
    # The same shares: what they earned in dollars, at 0.80 euros each.
    earned = Decimal(plain["final_cash"]) - 100_000
    assert Decimal(euros.json["final_cash"]) - 80_000 == earned * Decimal("0.8")


def test_rates_of_a_currency_are_written_by_name(cli: Cli, turning: Path) -> None:
    outcome = cli("backtest", "run", turning, *BOTH, "--fx", "EUR")

    assert "write --fx EUR=eurusd.csv" in outcome.err


HOLDING = """
from quantloom import Strategy


class Holding(Strategy):
    def on_bar(self, ctx, bar):
        if not ctx.position and not ctx.orders():
            ctx.buy(bar.symbol, 1)
"""
SWAP = "BTC-USDT-PERP.BINANCE"


@pytest.fixture
def swap_run(tmp_path: Path) -> tuple[str | Path, ...]:
    """Three hours of a swap at 10,000, one of them bought at 07:00 and held."""
    (tmp_path / "holding.py").write_text(HOLDING, encoding="utf-8")
    rows = [f"2024-01-02 {hour:02}:00,10000,10000,10000,10000,50" for hour in (6, 7, 8)]
    (tmp_path / "swap.csv").write_text("\n".join(["time,open,high,low,close,volume", *rows]))
    (tmp_path / "rates.csv").write_text("time,rate\n2024-01-02 08:00,0.0001\n")
    given = ("--data", "swap.csv", "--symbol", SWAP, "--timeframe", "1h", "--cash", "20000")
    return ("backtest", "run", "holding.py", *given, "--rules")


def test_funding_and_marks_come_from_files(cli: Cli, swap_run: tuple[str | Path, ...]) -> None:
    files = ("--funding", "rates.csv", "--marks", f"{SWAP}=swap.csv", "--margin-mode", "isolated")

    outcome = cli(*swap_run, *files, "--json")

    # One bitcoin at 10,000 pays a hundredth of a percent at 08:00.
    assert outcome.json["payments"] == {"funding": -1}
    assert (outcome.json["rules"]["unfunded"], outcome.json["rules"]["unmarked"]) == ({}, [])


def test_people_see_what_was_paid_without_a_trade(
    cli: Cli, swap_run: tuple[str | Path, ...]
) -> None:
    shown = cli(*swap_run, "--funding", "rates.csv", "--interest", "0.01")

    assert "Funding -1.00" in shown.out


def test_people_are_told_of_funding_that_is_not_known(
    cli: Cli, swap_run: tuple[str | Path, ...]
) -> None:
    shown = cli(*swap_run)

    assert f"give --funding: {SWAP}, 1 payment(s)" in shown.err
    assert f"without --marks: {SWAP}" in shown.err


def test_an_account_of_coin_is_shown_to_the_millionth(
    cli: Cli, swap_run: tuple[str | Path, ...]
) -> None:
    coin = [str(part).replace("USDT", "USD") for part in swap_run]

    shown = cli(*coin, "--cash", "2", "--funding", "rates.csv")

    # A contract of 100 USD at 10,000 is 0.01 bitcoin: the fee is 0.05 % of it, funding 0.01 %.
    assert "1.999994 BTC" in shown.out
    assert "Funding -0.000001" in shown.out


@pytest.mark.parametrize("given", [("rates.csv", "rates.csv"), (f"{SWAP}=",)])
def test_files_of_several_swaps_say_whose_they_are(
    cli: Cli, swap_run: tuple[str | Path, ...], given: tuple[str, ...]
) -> None:
    options = [part for text in given for part in ("--funding", text)]

    outcome = cli(*swap_run, *options)

    assert outcome.code == 2
    assert f"does not say whose it is; write --funding {SWAP}=FILE" in outcome.err


def test_the_rebalances_of_a_portfolio_are_shown_and_told_to_programs(cli: Cli) -> None:
    span = ("--start", "2019-01-01", "--end", "2020-06-01", "--no-trials", "--audit", "off")
    asked = ("backtest", "run", "momentum-rotation", *BOTH, "--param", "top=1", *span)

    shown, told = cli(*asked), json.loads(cli(*asked, "--json").out)["rebalances"]

    assert "Last rebalances" in shown.out
    assert f"{told['count']} rebalance(s)" in shown.out
    assert 0 < len(told["last"]) <= 20
    last = told["last"][-1]
    assert set(last) == {
        *("decided", "orders", "turnover", "commission", "slippage"),
        *("missed", "holdings", "gross"),
    }
    assert f" {last['decided']} " in shown.out
    alone = cli("backtest", "run", "sma-cross", *BOTH[:2], *BOTH[4:], *span, "--json")
    assert "rebalances" not in json.loads(alone.out)
