"""`quantloom backtest`: run a strategy over a file or the catalog and show what came of it."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from quantloom.backtest import BacktestResult, Band, backtest, band, load_result
from quantloom.backtest import compare as compare_results
from quantloom.cli.comparison import plain_comparison, print_comparison
from quantloom.cli.delivery import deliver
from quantloom.cli.gate import read_gate, warn_of_low_grades
from quantloom.cli.given import read_given, read_params
from quantloom.cli.instruments import (
    Calendar,
    CanShort,
    Currency,
    LotSize,
    Multiplier,
    TickSize,
)
from quantloom.cli.options import (
    AccountCurrency,
    Actions,
    Against,
    AllMeasures,
    Audited,
    Banded,
    BarLength,
    Borrow,
    ByTheBook,
    Cash,
    ComparisonFile,
    Counted,
    Data,
    Detail,
    End,
    Explain,
    FailOnLeak,
    Fee,
    FeeDiscount,
    Folders,
    Funding,
    Fx,
    FxCost,
    Interest,
    Latency,
    Listings,
    LowGrade,
    MarginAddon,
    MarginMode,
    MarginRatio,
    Marks,
    MinGrade,
    Names,
    Offsets,
    OnBadRows,
    Overlays,
    Param,
    Participation,
    ReplaceSaved,
    ReportFile,
    Rights,
    Rolled,
    RunBy,
    Save,
    SaveState,
    Seed,
    Size,
    SizedBy,
    Slipping,
    Start,
    State,
    Symbol,
    Weight,
)
from quantloom.cli.output import AsJson, Language, print_json, say, user_code
from quantloom.cli.places import DataDir, notes_folder
from quantloom.cli.progress import progress_bar
from quantloom.cli.state import write_state
from quantloom.cli.terms import read_audit_setting
from quantloom.cli.ticks import ticks
from quantloom.market import Bars, Continuous

LEAK_FOUND = 7
"""The exit code of a run that looks ahead, where it was asked for."""

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Run strategies over history.")


app.command(
    epilog="Example: [bold]quantloom backtest ticks my_maker.py --data quotes.parquet "
    "--data trades.parquet --symbol BTC-USDT-PERP.BINANCE --latency 5 --queue pessimistic[/bold]"
)(ticks)


@app.callback()
def group() -> None:
    """Run strategies over history."""


@app.command(
    epilog="Examples: "
    "[bold]quantloom backtest run sma-cross --symbol SPY.ARCA --timeframe 1d[/bold] · "
    "[bold]quantloom backtest run my_strategy.py --data bars.csv --param fast=10 --size 1 "
    "--cash 100000 --commission 0.001 --report report.html[/bold] · "
    "[bold]quantloom backtest run momentum-rotation --symbol SPY.ARCA --symbol AAPL.NASDAQ "
    "--timeframe 1d --param top=1 --slippage square-root:1,ticks=1 --benchmark SPY.ARCA[/bold]"
)
def run(
    strategy: Annotated[
        str, typer.Argument(help="A preset, a file (my.py or my.py:Class) or module:Class.")
    ],
    *,
    data: Data = None,
    symbol: Symbol = None,
    timeframe: BarLength = None,
    start: Start = None,
    end: End = None,
    roll: Rolled = None,
    param: Param = None,
    size: Size = None,
    weight: Weight = None,
    sizing: SizedBy = None,
    cash: Cash = "100000",
    commission: Fee = None,
    margin: MarginRatio = None,
    margin_addon: MarginAddon = "0",
    fee_discount: FeeDiscount = "0",
    margin_mode: MarginMode = "cross",
    funding: Funding = None,
    marks: Marks = None,
    offsets: Offsets = "net",
    rules: ByTheBook = False,
    overlay: Overlays = None,
    listings: Listings = None,
    interest: Interest = "0",
    borrow: Borrow = "0",
    account_currency: AccountCurrency = None,
    fx: Fx = None,
    fx_cost: FxCost = "0",
    actions: Actions = None,
    rights: Rights = "take",
    slippage: Slipping = "0",
    participation: Participation = "0.1",
    latency: Latency = 0,
    tick: TickSize = None,
    lot: LotSize = None,
    multiplier: Multiplier = None,
    currency: Currency = None,
    calendar: Calendar = None,
    can_short: CanShort = None,
    detail: Detail = None,
    benchmark: Against = None,
    state: State = None,
    save_state: SaveState = None,
    seed: Seed = 0,
    trials: Counted = True,
    engine: RunBy = "auto",
    on_bad: OnBadRows = "error",
    min_grade: MinGrade = None,
    low_grade: LowGrade = "refuse",
    banded: Banded = False,
    audit: Audited = "auto",
    fail_on_leak: FailOnLeak = False,
    report: ReportFile = None,
    language: Language = "en",
    save: Save = None,
    force: ReplaceSaved = False,
    data_dir: DataDir = None,
    explain: Explain = False,
    as_json: AsJson = False,
) -> None:
    """Backtest STRATEGY on files or on symbols of the catalog, one instrument or several."""
    if report is not None:
        from quantloom.report import prepare_report  # noqa: PLC0415  only for a report

        prepare_report(language)
    given = read_given(
        data=data,
        symbol=symbol,
        timeframe=timeframe,
        on_bad=on_bad,
        data_dir=data_dir,
        roll=roll,
        instrument={
            "tick": tick,
            "lot": lot,
            "multiplier": multiplier,
            "currency": currency,
            "calendar": calendar,
            "can_short": can_short,
        },
        detail=detail,
        benchmark=benchmark,
        sizing=sizing,
        slippage=slippage,
        participation=participation,
        state=state,
        fx=fx,
        funding=funding,
        marks=marks,
        rules=rules,
        overlay=overlay,
        parameters=read_params(param or []),
        offsets=offsets,
        margin_mode=margin_mode,
        start=start,
        end=end,
        cash=cash,
        commission=commission,
        margin=margin,
        margin_addon=margin_addon,
        fee_discount=fee_discount,
        size=size,
        weight=weight,
        listings=() if listings is None else listings,
        interest=interest,
        borrow=borrow,
        currency=account_currency,
        fx_cost=fx_cost,
        actions=actions or (),
        rights=rights,
        latency=latency,
        seed=seed,
        trials=notes_folder(data_dir) if trials else False,
        engine=engine,
        audit=read_audit_setting(audit),
        min_grade=read_gate(min_grade, low_grade),
    )
    title = f"{strategy} on {', '.join(given.bars)}"
    with progress_bar(title, quiet=as_json) as progress, user_code(as_json=as_json):
        found = _run(strategy, given.bars, banded=banded, progress=progress, **given.settings)
    result = found.base if isinstance(found, Band) else found
    warn_of_low_grades(result, min_grade)
    if save_state is not None:
        write_state(result.state, save_state)
    deliver(
        found,
        report=report,
        language=language,
        save=save,
        force=force,
        explain=explain,
        as_json=as_json,
    )
    if fail_on_leak and result.audit is not None and result.audit.has_failed:
        raise typer.Exit(LEAK_FOUND)


@app.command(
    epilog="Examples: "
    "[bold]quantloom backtest run sma-cross --symbol SPY.ARCA --timeframe 1d --save runs/sma[/bold]"
    " · [bold]quantloom backtest run macd --symbol SPY.ARCA --timeframe 1d --save runs/macd[/bold]"
    " · [bold]quantloom backtest compare runs/sma runs/macd --html both.html[/bold]"
)
def compare(
    folders: Folders,
    *,
    name: Names = None,
    html: ComparisonFile = None,
    language: Language = "en",
    explain: AllMeasures = False,
    as_json: AsJson = False,
) -> None:
    """Put saved results side by side: measures, what differs, how alike they move."""
    comparison = compare_results([load_result(folder) for folder in folders], name)
    if html is not None:
        comparison.to_html(html, language=language)
    if as_json:
        print_json(plain_comparison(comparison) | ({"html": str(html)} if html else {}))
        return
    print_comparison(comparison, explain=explain)
    if html is not None:
        say(f"html: {html}")


def _run(
    strategy: str, bars: Mapping[str, Bars | Continuous], *, banded: bool, **settings: Any
) -> BacktestResult | Band:
    return (band if banded else backtest)(strategy, bars, **settings)
