"""`quantloom trials`: how often each strategy was tried, which its results are judged by."""

from math import isfinite, sqrt
from typing import Annotated, Any

import typer

from quantloom.backtest import LineageTrials, NoLineage, TrialLedger
from quantloom.cli.output import AsJson, print_json, print_table, say
from quantloom.cli.places import DataDir, notes_folder
from quantloom.performance import expected_best_sharpe, minimum_backtest_length

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="See how often each strategy was tried."
)

# The ledger knows no calendar; years of another one differ by a tenth at most but for crypto.
_DAYS_A_YEAR = 252
_UNKNOWN = "\N{EN DASH}"

Name = Annotated[str, typer.Argument(help="The strategy's class, or the lineage it names.")]
Symbols = Annotated[
    list[str] | None,
    typer.Option("--symbol", help="Its instruments; once for each. \\[default: all]"),
]


@app.callback()
def group() -> None:
    """See how often each strategy was tried."""


@app.command("list", epilog="Example: [bold]quantloom trials list[/bold]")
def list_all(*, data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """List every strategy that was tried, the instruments and how often."""
    found = TrialLedger(notes_folder(data_dir)).list()
    if as_json:
        print_json({"lineages": [_plain(one) for one in found]})
        return
    rows = [
        (
            one.lineage.name,
            ", ".join(one.lineage.symbols),
            f"{one.sums.count:,}",
            f"{one.last:%Y-%m-%d %H:%M}",
        )
        for one in found
    ]
    print_table("Trials", ("Strategy", "Instruments", "Trials", "Last (UTC)"), rows, right="llrl")


@app.command(epilog="Example: [bold]quantloom trials show SmaCross[/bold]")
def show(
    name: Name, *, symbol: Symbols = None, data_dir: DataDir = None, as_json: AsJson = False
) -> None:
    """Show what the trials of a strategy came to, and what luck alone makes of so many."""
    found = _named(TrialLedger(notes_folder(data_dir)), name, symbol)
    if as_json:
        print_json({"lineages": [_plain(one) for one in found]})
        return
    for one in found:
        told = _plain(one)
        say(f"{one.lineage}: {one.sums.count:,} trial(s), last {one.last:%Y-%m-%d %H:%M} UTC")
        say(
            f"yearly Sharpe ratios: mean {_number(told['mean_sharpe'])}; {_over(told['days'])}"
            f"spread {_number(told['sharpe_spread'])}, "
            f"the best of so many by luck alone {_number(told['luck_sharpe'])}"
        )
        years = told["minimum_years"]
        say(f"a Sharpe ratio of 1 says something where there are {years:.1f} years of data or more")


@app.command(epilog="Example: [bold]quantloom trials forget SmaCross --symbol SPY.ARCA[/bold]")
def forget(
    name: Name,
    *,
    symbol: Symbols = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Delete the count of a strategy, as if it had never been tried."""
    ledger = TrialLedger(notes_folder(data_dir))
    found = _named(ledger, name, symbol)
    for one in found:
        say(f"{one.lineage}: {one.sums.count:,} trial(s)")
    if not yes:
        typer.confirm("Forget them? Later results will look better than they are.", abort=True)
    for one in found:
        ledger.forget(one.lineage)
    say("forgotten")


def _named(ledger: TrialLedger, name: str, symbols: list[str] | None) -> list[LineageTrials]:
    """The lineages of a name, on all instruments or on those given.

    Raises:
        NoLineage: there is none.
    """
    wanted = None if symbols is None else tuple(sorted(symbols))
    listed = [one for one in ledger.list() if wanted in {None, one.lineage.symbols}]
    found = [one for one in listed if one.lineage.name == name]
    if not found:
        # A preset is asked for as it is run: sma-cross for SmaCross.
        found = [one for one in listed if _spelled(one.lineage.name) == _spelled(name)]
    if not found:
        raise NoLineage(f"{name} on {', '.join(wanted)}" if wanted else name)
    return found


def _spelled(name: str) -> str:
    return name.replace("-", "").replace("_", "").casefold()


def _plain(one: LineageTrials) -> dict[str, Any]:
    sums, yearly = one.sums, sqrt(_DAYS_A_YEAR)
    # No run is judged here, so trials are told of as if all were as long as the longest.
    variance = sums.variance_over(sums.longest)
    figures = {
        "mean_sharpe": sums.mean * yearly,
        "sharpe_spread": sqrt(variance) * yearly,
        "luck_sharpe": expected_best_sharpe(max(sums.count, 1), variance) * yearly,
        "minimum_years": minimum_backtest_length(max(sums.count, 1)),
    }
    return {
        "lineage": one.lineage.name,
        "symbols": one.lineage.symbols,
        "trials": sums.count,
        "days": sums.longest or None,
        "last": one.last,
        **{name: value if isfinite(value) else None for name, value in figures.items()},
    }


def _over(days: int | None) -> str:
    return "" if days is None else f"over {days:,} days, as long as the longest trial: "


def _number(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:,.2f}"
