"""`quantloom indicator`: what the catalog of indicators holds."""

import typer

from quantloom.cli.output import AsJson, print_json, print_table
from quantloom.indicators import IndicatorDefinition, list_indicators

app = typer.Typer(no_args_is_help=True, help="See the catalog of indicators.")


@app.callback()
def indicator() -> None:
    """See the catalog of indicators."""


@app.command("list", epilog="Example: [bold]quantloom indicator list --json[/bold]")
def list_all(*, as_json: AsJson = False) -> None:
    """List every indicator with its parameters and outputs."""
    definitions = list_indicators()
    if as_json:
        print_json({"indicators": [_plain(definition) for definition in definitions]})
        return
    rows = [
        (item.name, item.group, _parameters(item), ", ".join(item.outputs), item.description)
        for item in definitions
    ]
    print_table("Indicators", ("Name", "Group", "Parameters", "Outputs", "What it is"), rows)


def _plain(definition: IndicatorDefinition) -> dict[str, object]:
    return {
        "name": definition.name,
        "group": definition.group,
        "inputs": definition.inputs,
        "outputs": definition.outputs,
        "description": definition.description,
        "parameters": [
            {"name": item.name, "default": item.default, "low": item.low, "high": item.high}
            for item in definition.parameters
        ],
    }


def _parameters(definition: IndicatorDefinition) -> str:
    return ", ".join(f"{item.name}={item.default}" for item in definition.parameters)
