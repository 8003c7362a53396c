"""`quantloom demo`: the presets over the packaged markets, a table, and reports to look at."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from quantloom.backtest import BacktestResult, backtest
from quantloom.cli.output import AsJson, Language, print_json, say
from quantloom.cli.progress import progress_bar
from quantloom.cli.summary import print_results
from quantloom.data import DatasetInfo, demo_catalog
from quantloom.market import Instrument, Kind
from quantloom.report import prepare_report, write_report

app = typer.Typer(
    add_completion=False,
    subcommand_metavar="",
    help="Backtest the presets over the packaged markets and write reports.",
)

_PRESETS = ("sma-cross", "bollinger")


# Enough for a few lots or shares of each market, in its own currency.
_CASH_OF_FUTURES, _CASH_OF_A_SHARES = Decimal(3_000_000), Decimal(1_000_000)
_CASH = Decimal(100_000)


@app.callback(
    invoke_without_command=True,
    epilog="Example: [bold]quantloom demo --out reports --lang zh[/bold]",
)
def demo(
    *,
    out: Annotated[Path, typer.Option("--out", help="Folder of the reports.")] = Path("reports"),
    language: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Backtest the presets over the packaged markets and write reports."""
    prepare_report(language)
    datasets = [info for info in demo_catalog().list() if info.instrument.kind is not Kind.INDEX]
    total = len(datasets) * len(_PRESETS)
    results: list[BacktestResult] = []
    with progress_bar("demonstration", quiet=as_json) as progress:
        for info in datasets:
            for preset in _PRESETS:
                results.append(_run(preset, info))
                if progress is not None:
                    progress(len(results), total)
    reports = [_write(result, out, language) for result in results if _is_shown(result)]
    if as_json:
        summaries = [result.summary() for result in results]
        print_json({"results": summaries, "reports": [str(path) for path in reports]})
        return
    print_results(results)
    say("Fees, margins and limits are those of the market rule book; see `quantloom rules show`.\n")
    for path in reports:
        say(f"report: {path}")


def _run(preset: str, info: DatasetInfo) -> BacktestResult:
    return backtest(
        preset,
        demo_catalog().read(info.symbol, info.timeframe),
        instrument=info.instrument,
        cash=_cash(info.instrument),
        slippage=1 if info.instrument.is_margined else 0,
        rules=True,
        # A look at the library, not a search for a strategy.
        trials=False,
    )


def _cash(instrument: Instrument) -> Decimal:
    if instrument.is_margined:
        return _CASH_OF_FUTURES
    return _CASH_OF_A_SHARES if instrument.currency == "CNY" else _CASH


def _is_shown(result: BacktestResult) -> bool:
    """One report a market is enough to look at: the first preset on daily bars."""
    return result.spec.strategy == _PRESETS[0] and result.spec.timeframe == "1d"


def _write(result: BacktestResult, out: Path, language: str) -> Path:
    name = f"{result.spec.strategy}_{result.spec.instrument.symbol}_{result.spec.timeframe}.html"
    return write_report(result, out / name, language=language)
