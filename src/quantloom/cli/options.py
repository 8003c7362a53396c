"""The options of a run, each with what `--help` says of it."""

from pathlib import Path
from typing import Annotated

import typer

from quantloom.cli.terms import a_number

_BARS, _STRATEGY, _ACCOUNT = "Bars", "Strategy", "Account and market"

# Bars

Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        help="A CSV or Parquet file of bars; once for each instrument.",
        rich_help_panel=_BARS,
    ),
]
Symbol = Annotated[
    list[str] | None,
    typer.Option(
        "--symbol",
        help="From the catalog, once for each instrument; with --data, what each file holds.",
        rich_help_panel=_BARS,
    ),
]
BarLength = Annotated[
    str | None, typer.Option("--timeframe", help="Such as 1m, 1h or 1d.", rich_help_panel=_BARS)
]
Start = Annotated[
    str | None, typer.Option(help="First day or moment, inclusive.", rich_help_panel=_BARS)
]
End = Annotated[
    str | None, typer.Option(help="Last day or moment, exclusive.", rich_help_panel=_BARS)
]
Detail = Annotated[
    list[str] | None,
    typer.Option(
        help="Finer bars that show what came first inside a bar: a timeframe of the catalog, "
        "or a file for each instrument.",
        rich_help_panel=_BARS,
    ),
]
Against = Annotated[
    str | None,
    typer.Option(
        "--benchmark",
        help="What to compare with: a file or a symbol of the catalog.",
        rich_help_panel=_BARS,
    ),
]
MinGrade = Annotated[
    str | None,
    typer.Option(
        "--min-grade",
        help="Worst grade of data, A to F, that the run is made on.",
        rich_help_panel=_BARS,
    ),
]
LowGrade = Annotated[
    str,
    typer.Option(
        "--low-grade",
        help="What to do below --min-grade: refuse or warn.",
        rich_help_panel=_BARS,
    ),
]
OnBadRows = Annotated[
    str,
    typer.Option(
        help="What to do with impossible rows of --data: error or drop.", rich_help_panel=_BARS
    ),
]

# Strategy

Param = Annotated[
    list[str] | None,
    typer.Option("--param", "-p", help="name=value; may be repeated.", rich_help_panel=_STRATEGY),
]
Size = Annotated[
    str | None,
    typer.Option(help="Quantity of each entry.", callback=a_number, rich_help_panel=_STRATEGY),
]
Weight = Annotated[
    str | None,
    typer.Option(
        help="Share of equity of each entry. \\[default: 0.95]",
        callback=a_number,
        rich_help_panel=_STRATEGY,
    ),
]
SizedBy = Annotated[
    str | None,
    typer.Option(
        "--sizing",
        help="Another size of entries: risk:0.01, volatility:0.15 or kelly:0.5; further "
        "settings as in volatility:0.15,window=60.",
        rich_help_panel=_STRATEGY,
    ),
]
Counted = Annotated[
    bool,
    typer.Option(
        "--trials/--no-trials",
        help="Count the run as a trial of its strategy.",
        rich_help_panel=_STRATEGY,
    ),
]
Seed = Annotated[int, typer.Option(help="Starts ctx.random.", rich_help_panel=_STRATEGY)]
RunBy = Annotated[
    str,
    typer.Option(
        help="Who makes the run: auto, event, vectorised (by generate_signals) or compiled.",
        rich_help_panel=_STRATEGY,
    ),
]
State = Annotated[
    Path | None,
    typer.Option(help="Go on from what --save-state has written.", rich_help_panel=_STRATEGY),
]
SaveState = Annotated[
    Path | None,
    typer.Option(help="Write what the strategy saved to this file.", rich_help_panel=_STRATEGY),
]

# Account and market

Cash = Annotated[
    str, typer.Option(help="Initial cash.", callback=a_number, rich_help_panel=_ACCOUNT)
]
Fee = Annotated[
    str | None,
    typer.Option(
        "--commission",
        callback=a_number,
        help="Share of traded money on each side; 0.001 is 0.1 %. None by default, or what the "
        "rules say.",
        rich_help_panel=_ACCOUNT,
    ),
]
MarginRatio = Annotated[
    str | None,
    typer.Option(
        "--margin",
        callback=a_number,
        help="Share of a position that equity must cover; 0.1 is 10x. 1 by default, or what the "
        "rules say.",
        rich_help_panel=_ACCOUNT,
    ),
]
MarginAddon = Annotated[
    str,
    typer.Option(
        callback=a_number,
        help="What a broker adds to the margin that the rules say; 0.03 makes 7 % 10 %.",
        rich_help_panel=_ACCOUNT,
    ),
]
Offsets = Annotated[
    str,
    typer.Option(
        help="Which lots of Chinese futures close, under rules: net, close or cheapest, which may "
        "lock.",
        rich_help_panel=_ACCOUNT,
    ),
]
MarginMode = Annotated[
    str,
    typer.Option(
        help="Of perpetual swaps, under rules: cross, where all cash stands behind each, or "
        "isolated.",
        rich_help_panel=_ACCOUNT,
    ),
]
Funding = Annotated[
    list[str] | None,
    typer.Option(
        "--funding",
        help="A CSV or Parquet file of the funding rates of the run's perpetual swap, for --rules; "
        "SYMBOL=FILE for each of several.",
        rich_help_panel=_ACCOUNT,
    ),
]
Marks = Annotated[
    list[str] | None,
    typer.Option(
        "--marks",
        help="A file of bars of its mark price, likewise; last prices stand in without.",
        rich_help_panel=_ACCOUNT,
    ),
]
FeeDiscount = Annotated[
    str,
    typer.Option(
        callback=a_number,
        help="Share off the rules' crypto fees where they are paid in the venue's own coin.",
        rich_help_panel=_ACCOUNT,
    ),
]
ByTheBook = Annotated[
    bool,
    typer.Option(
        "--rules/--no-rules",
        help="Follow the market rule book: dated fees, margin, price limits, T+1, settlement.",
        rich_help_panel=_ACCOUNT,
    ),
]
Overlays = Annotated[
    list[Path] | None,
    typer.Option(
        "--overlay",
        help="A rule file of your own to go before the book; implies --rules. Repeatable.",
        rich_help_panel=_ACCOUNT,
    ),
]
Rolled = Annotated[
    str | None,
    typer.Option(
        "--roll",
        help="Join the given contracts to one series and roll by volume, open_interest or expiry.",
        rich_help_panel=_BARS,
    ),
]
Listings = Annotated[
    Path | None,
    typer.Option(
        help="A CSV file of when shares were listed, delisted and under special treatment, for "
        "--rules.",
        rich_help_panel=_ACCOUNT,
    ),
]
AccountCurrency = Annotated[
    str | None,
    typer.Option(
        help="Of cash and of every figure; the first instrument's by default.",
        rich_help_panel=_ACCOUNT,
    ),
]
Fx = Annotated[
    list[str] | None,
    typer.Option(
        "--fx",
        help="Rates of another currency in the account's: EUR=eurusd.csv, a symbol of the catalog "
        "or a number. Repeatable.",
        rich_help_panel=_ACCOUNT,
    ),
]
FxCost = Annotated[
    str,
    typer.Option(
        help="Share of what is exchanged that it costs.",
        callback=a_number,
        rich_help_panel=_ACCOUNT,
    ),
]
Interest = Annotated[
    str,
    typer.Option(
        help="Earned on cash, a share of it a year.",
        callback=a_number,
        rich_help_panel=_ACCOUNT,
    ),
]
Borrow = Annotated[
    str,
    typer.Option(
        help="Paid on cash below zero and on what was sold short, a share of it a year.",
        callback=a_number,
        rich_help_panel=_ACCOUNT,
    ),
]
Actions = Annotated[
    Path | None,
    typer.Option(
        help="A CSV file of dividends, splits, new shares and rights; --data must be real prices.",
        rich_help_panel=_ACCOUNT,
    ),
]
Rights = Annotated[
    str,
    typer.Option(
        help="What to do with rights to new shares: take, sell or ignore.",
        rich_help_panel=_ACCOUNT,
    ),
]
Slipping = Annotated[
    str,
    typer.Option(
        "--slippage",
        help="Ticks lost by each market and stop order, or a model: ratio:0.0001, "
        "volume-share:0.1 or square-root:1,ticks=1.",
        rich_help_panel=_ACCOUNT,
    ),
]
Participation = Annotated[
    str,
    typer.Option(
        help="Share of a bar's volume that orders fill at most, or none.",
        rich_help_panel=_ACCOUNT,
    ),
]
Latency = Annotated[
    int, typer.Option(help="Bars that go by before an order arrives.", rich_help_panel=_ACCOUNT)
]

# What comes out

Banded = Annotated[
    bool,
    typer.Option(
        "--band",
        help="Run it with harder and with kinder fills too, and show those figures beside.",
    ),
]

Audited = Annotated[
    str,
    typer.Option(
        "--audit",
        help="How much to try to find out whether it looks ahead: auto, full, off or seconds.",
    ),
]
FailOnLeak = Annotated[
    bool,
    typer.Option("--fail-on-leak", help="End with exit code 7 if the audit finds that it does."),
]

ReportFile = Annotated[
    Path | None, typer.Option("--report", help="Write the HTML report to this file.")
]
Save = Annotated[
    Path | None,
    typer.Option("--save", help="Keep the whole result in this folder, for backtest compare."),
]
ReplaceSaved = Annotated[
    bool, typer.Option("--force", help="Replace another result in the folder of --save.")
]
Folders = Annotated[
    list[Path], typer.Argument(help="Folders that backtest run --save has written.")
]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", help="What to call a result; once for each, in their order."),
]
ComparisonFile = Annotated[
    Path | None, typer.Option("--html", help="Write the comparison as a page to this file.")
]
AllMeasures = Annotated[
    bool, typer.Option("--explain", "-v", help="Show every measure, not only the first ones.")
]
Explain = Annotated[
    bool, typer.Option("--explain", "-v", help="Show every measure, and why one has no value.")
]
