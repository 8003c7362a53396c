"""`quantloom data repair`: mend a dataset in ways that are asked for, and record them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import typer

from quantloom.cli.data.app import app
from quantloom.cli.output import AsJson, print_json, say, warn
from quantloom.cli.places import DataDir, open_own
from quantloom.data import Origin, look_up
from quantloom.data.quality import TREATMENTS, QualityReport, Repaired, check, repair
from quantloom.errors import Invalid


class BadFix(Invalid):
    """A --fix that is not check=treatment, or none at all."""

    code = "cli.bad_fix"

    def __init__(self, text: str, known: tuple[str, ...]) -> None:
        super().__init__(text, known)
        self.text, self.known = text, known

    def __str__(self) -> str:
        return (
            f"--fix {self.text!r} is not check=treatment; write --fix outliers=drop; "
            f"there are {', '.join(self.known)}"
        )


@app.command(
    "repair",
    epilog="Example: [bold]quantloom data repair SPY.ARCA --timeframe 1d --fix outliers=drop "
    "--dry-run[/bold]",
)
def repair_data(
    symbol: Annotated[str, typer.Argument(help="In any usual spelling.")],
    *,
    timeframe: Annotated[str | None, typer.Option(help="Needed if there are several.")] = None,
    fix: Annotated[
        list[str] | None,
        typer.Option(help="What to mend and how, such as outliers=drop; may be given again."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be changed, and change nothing.")
    ] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Mend a dataset as asked, store it with a record of what was changed, and grade it anew.

    Importing its source again undoes it.
    """
    policy = _policy(fix or [])
    catalog = open_own(data_dir)
    found, note = look_up(catalog, symbol)
    if note:
        warn(f"note: {note}")
    info = catalog.info(found, timeframe)
    bars = catalog.read(found, info.timeframe)
    repairs = () if info.origin is None else info.origin.changes
    before = check(bars, instrument=info.instrument, repairs=repairs)
    mended = repair(bars, policy, instrument=info.instrument)
    told = tuple(change.text_en for change in mended.changes)
    after = check(mended.bars, instrument=info.instrument, repairs=(*before.repairs, *told))
    is_stored = bool(mended.changes) and not dry_run
    if is_stored:
        catalog.write(
            mended.bars,
            info.instrument,
            source=info.source,
            licence=info.licence,
            dropped_rows=info.dropped_rows,
            origin=replace(info.origin or Origin(), changes=after.repairs),
            quality=after.short(),
        )
    if as_json:
        print_json(_plain(mended, before, after, is_stored=is_stored))
    else:
        _print(mended, before, after, is_stored=is_stored)


def _policy(texts: Sequence[str]) -> dict[str, str]:
    known = tuple(f"{check}={'|'.join(ways)}" for check, ways in TREATMENTS.items())
    if not texts:
        raise BadFix("", known)
    pairs = [text.partition("=") for text in texts]
    for text, (check_name, _, treatment) in zip(texts, pairs, strict=True):
        if not check_name or not treatment:
            raise BadFix(text, known)
    return {check_name.strip(): treatment.strip() for check_name, _, treatment in pairs}


def _plain(
    mended: Repaired, before: QualityReport, after: QualityReport, *, is_stored: bool
) -> dict[str, object]:
    return {
        "symbol": after.symbol,
        "timeframe": after.timeframe,
        "is_stored": is_stored,
        "changes": [
            {"check": one.check, "treatment": one.treatment, "rows": one.rows, "text": one.text_en}
            for one in mended.changes
        ],
        "rows_before": before.rows,
        "rows": after.rows,
        "grade_before": before.grade,
        "grade": after.grade,
        "repairs": list(after.repairs),
    }


def _print(
    mended: Repaired, before: QualityReport, after: QualityReport, *, is_stored: bool
) -> None:
    for change in mended.changes:
        say(change.text_en)
    if not mended.changes:
        say("nothing to mend")
    say(
        f"{after.symbol} {after.timeframe}: {before.rows:,} bars of grade {before.grade}, "
        f"then {after.rows:,} of grade {after.grade}"
    )
    if mended.changes:
        say("stored; importing its source again undoes it" if is_stored else "nothing was stored")
