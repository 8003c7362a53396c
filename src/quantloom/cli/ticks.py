"""`quantloom backtest ticks`: run a strategy over quotes and trades."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from quantloom.cli.delivery import deliver
from quantloom.cli.given import read_params
from quantloom.cli.instruments import (
    Calendar,
    CanShort,
    Currency,
    LotSize,
    Multiplier,
    TickSize,
    adjust_instrument,
)
from quantloom.cli.options import (
    Cash,
    End,
    Explain,
    Fee,
    MarginRatio,
    Param,
    ReplaceSaved,
    ReportFile,
    Save,
    SaveState,
    Seed,
    Size,
    Start,
    State,
)
from quantloom.cli.output import AsJson, Language, user_code
from quantloom.cli.progress import progress_bar
from quantloom.cli.state import read_state, write_state
from quantloom.cli.terms import BadModel
from quantloom.market import NotANumber, exact

if TYPE_CHECKING:
    from quantloom.backtest.ticks import Latency, QueueModel
    from quantloom.market import Ticks

_PANEL = "Ticks"
_LATENCIES = {"cancel": "cancel_ms", "response": "response_ms", "feed": "feed_ms"}
_QUEUES = ("risk-averse", "pessimistic", "pro-rata", "log", "power:2")


def ticks(
    strategy: Annotated[
        str, typer.Argument(help="A file (my.py or my.py:Class) or module:Class with on_tick.")
    ],
    *,
    data: Annotated[
        list[Path],
        typer.Option(help="A file of ticks; repeatable.", rich_help_panel=_PANEL),
    ],
    symbol: Annotated[
        str, typer.Option(help="What the files hold ticks of.", rich_help_panel=_PANEL)
    ],
    start: Start = None,
    end: End = None,
    latency: Annotated[
        str,
        typer.Option(
            help="Milliseconds of orders and all else, or 5,cancel=10,response=3,feed=1.",
            rich_help_panel=_PANEL,
        ),
    ] = "20",
    queue: Annotated[
        str,
        typer.Option(
            help="What is assumed of those in front: risk-averse, pessimistic, pro-rata, log "
            "or power:2.",
            rich_help_panel=_PANEL,
        ),
    ] = "risk-averse",
    marked: Annotated[
        str,
        typer.Option(
            help="Timeframe of the bars at whose closes equity is marked.", rich_help_panel=_PANEL
        ),
    ] = "1m",
    param: Param = None,
    size: Size = None,
    cash: Cash = "100000",
    commission: Fee = None,
    margin: MarginRatio = None,
    tick: TickSize = None,
    lot: LotSize = None,
    multiplier: Multiplier = None,
    currency: Currency = None,
    calendar: Calendar = None,
    can_short: CanShort = None,
    state: State = None,
    save_state: SaveState = None,
    seed: Seed = 0,
    report: ReportFile = None,
    language: Language = "en",
    save: Save = None,
    force: ReplaceSaved = False,
    explain: Explain = False,
    as_json: AsJson = False,
) -> None:
    """Backtest STRATEGY, a class with on_tick, on quotes and trades of one instrument."""
    # Whoever runs over bars goes without.
    from quantloom.backtest.ticks import assume_instrument, backtest_ticks  # noqa: PLC0415

    if report is not None:
        from quantloom.report import prepare_report  # noqa: PLC0415  only for a report

        prepare_report(language)
    told = _read(data, symbol)
    instrument = adjust_instrument(
        assume_instrument(told),
        tick=tick,
        lot=lot,
        multiplier=multiplier,
        currency=currency,
        calendar=calendar,
        can_short=can_short,
    )
    delays, model = read_latency(latency), read_queue(queue)
    with (
        progress_bar(f"{strategy} on {told.symbol}", quiet=as_json) as progress,
        user_code(as_json=as_json),
    ):
        result = backtest_ticks(
            strategy,
            told,
            parameters=read_params(param or []),
            instrument=instrument,
            start=start,
            end=end,
            cash=cash,
            commission=commission or 0,
            margin=margin,
            sizing=size,
            latency=delays,
            queue=model,
            marked=marked,
            state=read_state(state),
            seed=seed,
            progress=progress,
        )
    if save_state is not None:
        write_state(result.state, save_state)
    deliver(
        result,
        report=report,
        language=language,
        save=save,
        force=force,
        explain=explain,
        as_json=as_json,
    )


def read_latency(text: str) -> "Latency":
    """Read `--latency 5,cancel=10,response=3,feed=1`, in milliseconds.

    Raises:
        BadModel: a number that is none, or a name that no latency has.
        BadRunSetting: below zero, or an hour and more.
    """
    from quantloom.backtest.ticks import constant_latency  # noqa: PLC0415

    first, *further = text.split(",")
    pairs = [part.partition("=") for part in further]
    if any(name.strip() not in _LATENCIES for name, _, _ in pairs):
        raise BadModel("--latency", text, ("5", "5,cancel=10,response=3,feed=1"))
    try:
        given = {_LATENCIES[name.strip()]: float(exact(value)) for name, _, value in pairs}
        return constant_latency(float(exact(first)), **given)
    except NotANumber:
        raise BadModel("--latency", text, ("5", "5,cancel=10,response=3,feed=1")) from None


def read_queue(text: str) -> "QueueModel":
    """Read `--queue`, the name of a model, of a power with its exponent.

    Raises:
        BadModel: there is no such model.
        BadRunSetting: an exponent that is not above zero.
    """
    from quantloom.backtest import ticks as models  # noqa: PLC0415

    name, _, exponent = text.strip().partition(":")
    known = {
        "risk-averse": models.RISK_AVERSE,
        "pessimistic": models.PESSIMISTIC,
        "pro-rata": models.PRO_RATA,
        "log": models.LOG_QUEUE,
    }
    if name in known and not exponent:
        return known[name]
    try:
        if name == "power":
            return models.power_queue(float(exact(exponent)))
    except NotANumber:
        pass
    raise BadModel("--queue", text, _QUEUES)


def _read(files: list[Path], symbol: str) -> "Ticks":
    """Read the files into one, where trades come before the quotes of the same moment."""
    from quantloom.data import read_ticks  # noqa: PLC0415
    from quantloom.market import QUOTE, merge_ticks  # noqa: PLC0415

    parts = [read_ticks(file, symbol=symbol) for file in files]
    parts.sort(key=lambda part: bool((part.kind & QUOTE).any()))
    return parts[0] if len(parts) == 1 else merge_ticks(*parts)
