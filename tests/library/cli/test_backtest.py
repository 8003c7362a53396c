"""`quantloom backtest run`, as a user types it."""

import json
from pathlib import Path

import pytest

from quantloom.market import Bars
from tests.library.cli.conftest import Cli
from tests.shared_data import SHARED, needs_shared

GOLDEN = (
    *("--param", "fast=10", "--param", "slow=30", "--size", "1"),
    *("--cash", "100000", "--commission", "0.001"),
)


@needs_shared
@pytest.mark.parametrize(
    ("file", "closed", "still_open", "final_equity"),
    [("GOOG.csv", 32, 1, "100743.00841"), ("EURUSD.csv", 83, 0, "99999.87684878")],
)
def test_a_run_from_a_file_reaches_the_golden_outcome(
    cli: Cli, file: str, closed: int, still_open: int, final_equity: str
) -> None:
    path = SHARED / "data" / "raw" / "backtestingpy" / file

    outcome = cli("backtest", "run", "sma-cross", "--data", path, *GOLDEN, "--json")

    assert outcome.code == 0
    assert outcome.json["round_trips"] == closed
    assert outcome.json["open_positions"] == still_open
    assert f'"final_equity": {final_equity},' in outcome.out


def test_json_holds_what_a_program_needs(cli: Cli, bars_file: Path) -> None:
    outcome = cli("backtest", "run", "sma-cross", "--data", bars_file, *GOLDEN, "--json")

    keys = {"round_trips", "open_positions", "final_equity", "metrics", "hashes"}
    assert keys <= outcome.json.keys()
    assert {"data", "code", "spec", "seed", "result"} <= outcome.json["hashes"].keys()
    assert outcome.err.startswith("note: ")


def test_the_same_command_prints_the_same_bytes(cli: Cli, bars_file: Path) -> None:
    command = ("backtest", "run", "bollinger", "--data", bars_file, "--json")

    assert cli(*command).out == cli(*command).out


@pytest.mark.parametrize(("row", "code"), [("+ 1", 7), ("- 1", 0)])
def test_a_strategy_that_looks_ahead_can_fail_a_command(
    cli: Cli, bars_file: Path, tmp_path: Path, row: str, code: int
) -> None:
    text = f"""
from quantloom import Strategy
from quantloom.strategy.lines import whole


class Peeks(Strategy):
    def initialize(self, ctx):
        self.closes, self.row = whole(ctx.line("close")), -1

    def on_bar(self, ctx, bar):
        self.row += 1
        other = self.closes[min(max(self.row {row}, 0), len(self.closes) - 1)]
        ctx.target_quantity(bar.symbol, 1 if other > bar.close else 0)
"""
    (tmp_path / "peeks.py").write_text(text)
    given = ("--data", bars_file, "--end", "2020-01-01T02:30", "--json")
    command = ("backtest", "run", tmp_path / "peeks.py", *given)

    outcome = cli(*command, "--audit", "full", "--fail-on-leak")

    assert outcome.code == code
    assert outcome.json["audit"]["verdict"] == ("failed" if code else "passed")
    assert cli(*command, "--audit", "full").code == 0


def test_without_json_a_table_is_shown(cli: Cli, bars_file: Path) -> None:
    outcome = cli("backtest", "run", "sma-cross", "--data", bars_file, *GOLDEN)

    assert outcome.code == 0
    assert "Final equity" in outcome.out
    assert "sma-cross" in outcome.out


def test_refused_orders_are_told_with_their_reason(cli: Cli, bars_file: Path) -> None:
    outcome = cli(
        *("backtest", "run", "sma-cross", "--data", bars_file),
        *("--size", "1000000", "--participation", "none"),
    )

    assert outcome.code == 0
    assert "order(s) rejected: holding 1000000" in outcome.err


@pytest.mark.parametrize(
    "command", [("backtest", "run", "no-such-strategy", "--report", "r.html"), ("demo",)]
)
def test_a_report_that_cannot_be_written_is_refused_before_the_run(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    monkeypatch.setattr("quantloom.cli.demo.backtest", None)

    outcome = cli(*command, "--lang", "fr")

    assert outcome.code == 2
    assert "no language 'fr'" in outcome.err


def test_a_report_is_written_where_asked_for(cli: Cli, bars_file: Path, tmp_path: Path) -> None:
    target = tmp_path / "out" / "report.html"

    outcome = cli("backtest", "run", "sma-cross", "--data", bars_file, "--report", target, "--json")

    assert outcome.json["report"] == str(target)
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("nope", "--data", "walk.csv"), 3, "no strategy 'nope'"),
        (("sma-cross",), 2, "--data FILE or by --symbol SYMBOL"),
        (("sma-cross", "--data", "missing.csv"), 3, "there is no file missing.csv"),
        (("sma-cross", "--symbol", "ZZZZ.NASDAQ"), 3, "ZZZZ.NASDAQ"),
        (("sma-cross", "--data", "walk.csv", "-p", "fast=1"), 2, "it goes from 2 to 200"),
        (("sma-cross", "--data", "walk.csv", "--cash", "much"), 2, "--cash 'much' is no number"),
        (("sma-cross", "--data", "walk.csv", "--margin", "5%"), 2, "write 0.05 for 5 %"),
        (("sma-cross", "--data", "walk.csv", "-p", "fast=abc"), 2, "it must be a whole number"),
        (("sma-cross", "--data", "walk.csv", "-p", "fast=50"), 2, "must be below slow"),
        (("sma-cross", "--data", "walk.csv", "-p", "speed=1"), 2, "does not exist"),
        (("sma-cross", "--data", "walk.csv", "-p", "fast"), 2, "write --param fast=10"),
        (("sma-cross", "--data", "walk.csv", "--cash", "0"), 2, "must be above zero"),
        (("sma-cross", "--data", "walk.csv", "--cash", "many"), 2, "'many'"),
        (("sma-cross", "--data", "walk.csv", "--size", "-1"), 2, "must be above 0"),
        (("sma-cross", "--data", "walk.csv", "--size", "1", "--weight", "1"), 2, "not several"),
        (("sma-cross", "--data", "walk.csv", "--commission", "-1"), 2, "at or above zero"),
        (("sma-cross", "--data", "walk.csv", "--start", "2090-01-01"), 3, "no bars between"),
        (("sma-cross", "--data", "walk.csv", "--start", "soon"), 2, "write 2024-01-31"),
        (("sma-cross", "--data", "walk.csv", "--tick", "0"), 2, "must be above zero"),
        (("sma-cross", "--data", "walk.csv", "--calendar", "moon"), 3, "moon"),
        (("sma-cross", "--data", "walk.csv", "--sizing", "riks:1"), 2, "write size:1, weight:"),
        (("sma-cross", "--data", "walk.csv", "--sizing", "risk:"), 2, "'risk:' is not known"),
        (("sma-cross", "--data", "walk.csv", "--sizing", "risk:2"), 2, "at most 1"),
        (("sma-cross", "--data", "walk.csv", "--sizing", "risk:1,cap=1"), 2, "is not known"),
        (("sma-cross", "--data", "walk.csv", "--sizing", "kelly:1,least=1.5"), 2, "'1.5'"),
        (("sma-cross", "--data", "walk.csv", "--slippage", "-1"), 2, "against the trader"),
        (("sma-cross", "--data", "walk.csv", "--slippage", "share:1"), 2, "volume-share:0.1"),
        (("sma-cross", "--data", "walk.csv", "--participation", "2"), 2, "at most 1, or None"),
        (("sma-cross", "--data", "walk.csv", "--latency", "-1"), 2, "0 or more"),
        (("sma-cross", "--data", "walk.csv", "--data", "walk.csv"), 2, "was given twice"),
        (
            *(("sma-cross", "--data", "walk.csv", "--symbol", "A.US", "--symbol", "B.US"), 2),
            "--symbol was given 2 time(s) for 1 instrument(s)",
        ),
        (
            *(("sma-cross", "--data", "walk.csv", "--detail", "a.csv", "--detail", "b.csv"), 2),
            "--detail was given 2 time(s)",
        ),
        (("sma-cross", "--data", "walk.csv", "--detail", "none.csv"), 3, "no file none.csv"),
        (("sma-cross", "--data", "walk.csv", "--benchmark", "none.csv"), 3, "no file none.csv"),
        (("sma-cross", "--data", "walk.csv", "--state", "none.json"), 3, "no file none.json"),
        (("sma-cross", "--data", "walk.csv", "--state", "walk.csv"), 2, "holds no state"),
    ],
)
def test_bad_input_gives_one_line_and_an_exit_code(
    cli: Cli, bars_file: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    assert bars_file.name == "walk.csv"

    outcome = cli("backtest", "run", *arguments)

    errors = [line for line in outcome.err.splitlines() if not line.startswith("note: ")]
    assert outcome.code == code
    assert len(errors) == 1
    assert errors[0].startswith("error: ")
    assert words in errors[0]
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: [rows[1], rows[0], *rows[2:]], "time earlier than the bar before"),
        (lambda rows: [rows[0], *rows], "time equal to the bar before"),
        (lambda rows: [rows[0], _with(rows[1], 4, "nan"), *rows[2:]], "finite"),
        (lambda rows: [rows[0], _with(rows[1], 3, "-5"), *rows[2:]], "above zero"),
        (lambda rows: [rows[0], _with(rows[1], 2, "1"), *rows[2:]], "high below low"),
    ],
)
def test_bars_that_cannot_be_true_are_refused(
    cli: Cli, bars_file: Path, change: "object", words: str
) -> None:
    header, *rows = bars_file.read_text(encoding="utf-8").splitlines()
    bars_file.write_text("\n".join([header, *change(rows)]), encoding="utf-8")  # type: ignore[operator]

    outcome = cli("backtest", "run", "sma-cross", "--data", bars_file)

    assert outcome.code == 2
    assert words in outcome.err
    assert "--on-bad drop" in outcome.err


def test_bad_rows_can_be_left_out_on_request(cli: Cli, bars_file: Path) -> None:
    header, *rows = bars_file.read_text(encoding="utf-8").splitlines()
    rows[1] = _with(rows[1], 3, "-5")
    bars_file.write_text("\n".join([header, *rows]), encoding="utf-8")

    outcome = cli("backtest", "run", "sma-cross", "--data", bars_file, "--on-bad", "drop", "--json")

    assert outcome.json["bars"] == 399
    assert "left out 1 row(s)" in outcome.err


def test_a_strategy_that_raises_is_named_with_its_line(
    cli: Cli, bars_file: Path, tmp_path: Path
) -> None:
    code = tmp_path / "broken.py"
    code.write_text(
        "from quantloom import Strategy\n"
        "class Broken(Strategy):\n"
        "    def on_bar(self, ctx, bar):\n"
        "        1 / 0\n",
        encoding="utf-8",
    )

    outcome = cli("backtest", "run", code, "--data", bars_file)

    assert outcome.code == 2
    assert "Broken.on_bar failed at" in outcome.err
    assert "ZeroDivisionError: division by zero (line 4)" in outcome.err


def test_errors_are_json_when_json_was_asked_for(cli: Cli) -> None:
    outcome = cli("backtest", "run", "nope", "--data", "missing.csv", "--json")

    assert json.loads(outcome.err)["error"]["code"] == "data.file_not_there"


def test_errors_are_chinese_for_chinese_users(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANTLOOM_LANG", "zh_CN.UTF-8")

    outcome = cli("backtest", "run", "sma-cross", "--data", "missing.csv")

    assert outcome.err.startswith("错误: 没有文件 missing.csv")


def test_instrument_options_replace_what_was_assumed(cli: Cli, bars_file: Path) -> None:
    outcome = cli(
        *("backtest", "run", "sma-cross", "--data", bars_file, "--symbol", "rb2410.SHFE"),
        *("--tick", "0.01", "--multiplier", "10", "--currency", "CNY", "--margin", "0.1"),
        *("--size", "1", "--json"),
    )

    assert outcome.json["symbol"] == "rb2410.SHFE"
    assert outcome.json["currency"] == "CNY"
    assert outcome.json["rejected_orders"] == 0


def test_one_bar_is_enough_to_run(cli: Cli, tmp_path: Path) -> None:
    bars = Bars.of("ONE.LOCAL", "1d", ts=[0], open=[1.0], high=[1.0], low=[1.0], close=[1.0])
    bars.to_frame().to_csv(tmp_path / "one.csv")

    outcome = cli("backtest", "run", "sma-cross", "--data", tmp_path / "one.csv", "--json")

    assert outcome.code == 0
    assert outcome.json["metrics"]["sharpe_ratio"] is None


def _with(row: str, place: int, value: str) -> str:
    cells = row.split(",")
    cells[place] = value
    return ",".join(cells)


def test_what_a_strategy_prints_stays_out_of_the_json(
    cli: Cli, bars_file: Path, tmp_path: Path
) -> None:
    text = "from quantloom import Strategy\n\nprint('loaded')\n\n\nclass Loud(Strategy):\n"
    text += "    def on_bar(self, ctx, bar):\n        print('bar')\n"
    (tmp_path / "loud.py").write_text(text, encoding="utf-8")

    ran = cli("backtest", "run", "loud.py", "--data", bars_file, "--json")
    shown = cli("strategy", "show", "loud.py", "--json")

    assert ran.json["bars"] == 400
    assert ran.err.count("bar\n") == 400
    assert shown.json["name"] == "loud.py"


def test_a_run_without_costs_is_told_of_the_rule_book(cli: Cli) -> None:
    run = "backtest", "run", "turtle", "--symbol", "rb-MAIN.SHFE", "--timeframe", "1d"

    assert "note: without costs; --rules takes the fees and rules of rb-MAIN.SHFE" in cli(*run).err
    assert "without costs" not in cli(*run, "--rules").err


def contract_file(folder: Path, name: str, price: float, volumes: list[float]) -> Path:
    rows = [
        f"2024-03-{day:02},{price},{price},{price},{price},{volume}"
        for day, volume in enumerate(volumes, 4)
    ]
    path = folder / name
    path.write_text("\n".join(["date,open,high,low,close,volume", *rows]) + "\n")
    return path


def test_contracts_are_rolled_on_the_command_line(cli: Cli, tmp_path: Path) -> None:
    files = [
        contract_file(tmp_path, "rb2405.csv", 3700, [9e6, 8e6, 4e6, 3e6, 2e6]),
        contract_file(tmp_path, "rb2410.csv", 3600, [1e6, 2e6, 6e6, 7e6, 8e6]),
    ]
    buying = tmp_path / "buying.py"
    buying.write_text(
        "from quantloom.strategy import Strategy\n\n\n"
        "class Buying(Strategy):\n"
        "    def on_bar(self, ctx, bar):\n"
        "        ctx.target_quantity(bar.symbol, 1)\n"
    )
    named = ("--symbol", "rb2405.SHFE", "--symbol", "rb2410.SHFE", "--roll", "volume")
    given = [part for file in files for part in ("--data", file)]

    outcome = cli("backtest", "run", buying, *given, *named, "--rules", "--json")

    assert outcome.code == 0
    assert outcome.json["symbol"] == "rb-MAIN.SHFE"
    # One entry, and two fills to roll it on Thursday.
    assert (outcome.json["fills"], outcome.json["round_trips"]) == (3, 1)
    assert "did not ask for: 2 of roll" in cli("backtest", "run", buying, *given, *named).out


def test_an_unknown_rule_to_roll_by_is_refused(cli: Cli, tmp_path: Path) -> None:
    path = contract_file(tmp_path, "rb2405.csv", 3700, [9e6, 8e6])

    command = ("backtest", "run", "turtle", "--data", path, "--symbol", "rb2405.SHFE")
    outcome = cli(*command, "--roll", "moon")

    assert outcome.code != 0
    assert "volume, open_interest, expiry" in outcome.err
