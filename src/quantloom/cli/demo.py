"""`quantloom demo`: the presets over the packaged markets, a table, and reports to look at."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from quantloom.backtest import BacktestResult, backtest
from quantloom.cli.output import AsJson, Language, print_json, say
from quantloom.cli.progress import progress_bar
from quantloom.cli.summary import print_results
from quantloom.data import DatasetInfo, demo_catalog
from quantloom.market import Kind
from quantloom.report import prepare_report, write_report
from quantloom.trading import Commission, Margin, Rate

app = typer.Typer(
    add_completion=False,
    subcommand_metavar="",
    help="Backtest the presets over the packaged markets and write reports.",
)

_PRESETS = ("sma-cross", "bollinger")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a demonstration run charges: round numbers of the right size, not a rule book."""

    cash: Decimal
    commission: Commission
    margin: Margin = Margin()


_FUTURES = Terms(
    Decimal(3_000_000), Commission.percent("0.0001"), Margin(Decimal("0.15"), Decimal("0.15"))
)
_A_SHARE = Terms(
    Decimal(1_000_000),
    Commission(
        open=Rate(by_money=Decimal("0.0003")),
        close=Rate(by_money=Decimal("0.0003")),
        minimum=Decimal(5),
        sell_tax=Decimal("0.001"),
    ),
)
_US_STOCK = Terms(Decimal(100_000), Commission.per_unit("0.005"))
_OTHER = Terms(Decimal(100_000), Commission.percent("0.001"))


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
    say("Costs are round numbers for demonstration; pass your own to `quantloom backtest run`.\n")
    for path in reports:
        say(f"report: {path}")


def _run(preset: str, info: DatasetInfo) -> BacktestResult:
    terms = _terms(info)
    return backtest(
        preset,
        demo_catalog().read(info.symbol, info.timeframe),
        instrument=info.instrument,
        cash=terms.cash,
        commission=terms.commission,
        margin=terms.margin,
        slippage=1 if info.instrument.is_margined else 0,
    )


def _terms(info: DatasetInfo) -> Terms:
    instrument = info.instrument
    if instrument.is_margined:
        return _FUTURES
    if instrument.calendar == "cn_stock":
        return _A_SHARE
    if instrument.kind in {Kind.STOCK, Kind.FUND}:
        return _US_STOCK
    return _OTHER


def _is_shown(result: BacktestResult) -> bool:
    """One report a market is enough to look at: the first preset on daily bars."""
    return result.spec.strategy == _PRESETS[0] and result.spec.timeframe == "1d"


def _write(result: BacktestResult, out: Path, language: str) -> Path:
    name = f"{result.spec.strategy}_{result.spec.instrument.symbol}_{result.spec.timeframe}.html"
    return write_report(result, out / name, language=language)
