"""The options of a search, each with what `--help` says of it."""

from pathlib import Path
from typing import Annotated

import typer

_SEARCH, _OUTSIDE = "Search", "Out of sample"

Spaces = Annotated[
    list[str] | None,
    typer.Option(
        "--space",
        help="Values of a parameter: fast=5:50, fast=5:50:5 or mode=calm,wild; repeatable. All "
        "that the strategy declares bounds of, where not given.",
        rich_help_panel=_SEARCH,
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        help="What must hold between parameters, such as 'fast < slow'; repeatable.",
        rich_help_panel=_SEARCH,
    ),
]
ObjectiveOption = Annotated[
    list[str] | None,
    typer.Option(
        "--objective",
        help="A measure, or min:NAME, max:NAME; several for a Pareto front. "
        "\\[default: sharpe_ratio]",
        rich_help_panel=_SEARCH,
    ),
]
MethodOption = Annotated[
    str,
    typer.Option("--method", help="grid, random, genetic or bayesian.", rich_help_panel=_SEARCH),
]
TrialsOption = Annotated[
    int | None, typer.Option("--trials", help="Sets at most.", rich_help_panel=_SEARCH)
]
Seconds = Annotated[
    float | None,
    typer.Option(help="Seconds after which it ends with what it has.", rich_help_panel=_SEARCH),
]
Workers = Annotated[
    int | None,
    typer.Option(help="Processes; one for each core by default.", rich_help_panel=_SEARCH),
]
Batch = Annotated[
    int | None,
    typer.Option(
        help="How many sets genetic and bayesian are asked for at a time.", rich_help_panel=_SEARCH
    ),
]
StopEarly = Annotated[
    str | None,
    typer.Option(
        help="Give hopeless sets up: 0.25:0.5 judges them on the first quarter of the data and "
        "goes on with the better half.",
        rich_help_panel=_SEARCH,
    ),
]
Train = Annotated[
    str | None,
    typer.Option(
        help="Walk forward: how long windows are in sample: 500b (bars), 90d (trading days), 6m "
        "or 2y.",
        rich_help_panel=_OUTSIDE,
    ),
]
Test = Annotated[
    str | None,
    typer.Option(help="How long they are out of sample, likewise.", rich_help_panel=_OUTSIDE),
]
Windows = Annotated[
    int | None,
    typer.Option(
        help="Walk forward through so many windows, in place of both.", rich_help_panel=_OUTSIDE
    ),
]
Anchored = Annotated[
    bool,
    typer.Option(
        "--anchored", help="Let every window begin with the first bar.", rich_help_panel=_OUTSIDE
    ),
]
Embargo = Annotated[
    str | None,
    typer.Option(
        help="What is left out between in and out of sample; days for --folds. \\[default: none, "
        "and 5 days for --folds]",
        rich_help_panel=_OUTSIDE,
    ),
]
FoldsOption = Annotated[
    str | None,
    typer.Option(
        "--folds",
        help="Cross-validate: 6:2 cuts the days into 6 groups and tests on 2 of them, in all ways.",
        rich_help_panel=_OUTSIDE,
    ),
]
Purge = Annotated[
    int,
    typer.Option(help="Days left out beside a test, for --folds.", rich_help_panel=_OUTSIDE),
]
SaveStudy = Annotated[
    Path | None,
    typer.Option(
        "--save", help="Keep each finished set in this folder, and go on from those that are there."
    ),
]
CountedSets = Annotated[
    bool,
    typer.Option("--count/--no-count", help="Count the sets as trials of the strategy."),
]
Top = Annotated[int, typer.Option(help="How many of the best sets to show.")]
StudyFolder = Annotated[Path, typer.Argument(help="The folder of --save.")]
