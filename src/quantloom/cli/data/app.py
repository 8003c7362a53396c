"""The group that the commands of `quantloom data` attach themselves to."""

import typer

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Put bars into the catalog and see what is there.",
)
