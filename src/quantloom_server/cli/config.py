"""`quantloom config`: the settings of the service, as they are and as they can be."""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from textwrap import wrap
from typing import Any

import typer
from pydantic import AliasChoices, SecretStr
from pydantic.fields import FieldInfo

from quantloom.cli.output import AsJson, print_json, print_table
from quantloom_server.platform.safety import refuse_unsafe
from quantloom_server.settings import Settings, name_of, read_settings

app = typer.Typer(add_completion=False, no_args_is_help=True, help="See the service's settings.")

HEAD = """\
# Settings of the service: copy this file to .env, and change what you need.
# What is commented out shows the default. Made by `quantloom config example`.
"""
_HIDDEN = "(hidden)"
_WIDTH = 98


@app.callback()
def config() -> None:
    """See the service's settings."""


@app.command(epilog="Example: [bold]quantloom config example > .env.example[/bold]")
def example() -> None:
    """Print every setting with its meaning and default, as a file for `.env`."""
    print(example_file(), end="")  # noqa: T201


@app.command(epilog="Example: [bold]quantloom config show --json[/bold]")
def show(*, as_json: AsJson = False) -> None:
    """Print the settings that commands here would use; secrets are hidden.

    Fails where they are not fit for production and this is production.
    """
    settings = read_settings()
    found = {name: _shown(getattr(settings, field)) for field, name, _ in _fields()}
    if as_json:
        print_json(found)
    else:
        rows = [(name, str(value)) for name, value in found.items()]
        print_table("Settings", ("Setting", "Value"), rows)
    refuse_unsafe(settings)


def example_file() -> str:
    """The text of `.env.example`."""
    return HEAD + "".join(_entry(*each) for each in _fields())


def _fields() -> Iterator[tuple[str, str, FieldInfo]]:
    for field, info in Settings.model_fields.items():
        yield field, name_of(field, info), info


def _entry(field: str, name: str, info: FieldInfo) -> str:
    alias = info.validation_alias
    others = alias.choices[1:] if isinstance(alias, AliasChoices) else ()
    also = f" Also read: {', '.join(map(str, others))}." if others else ""
    lines = wrap(f"{info.description}{also}", _WIDTH - 2, break_on_hyphens=False)
    told = "\n".join(f"# {line}" for line in lines)
    return f"\n{told}\n# {name}={_written(_default(field, info))}\n"


def _default(field: str, info: FieldInfo) -> Any:
    # One default depends on who runs this.
    if field == "data_dir":
        return "~/.local/share/quantloom-server"
    return info.get_default(call_default_factory=True, validated_data={})


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value.value if isinstance(value, Enum) else value)


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return _HIDDEN
    if isinstance(value, tuple):
        return [_shown(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    is_plain = value is None or isinstance(value, bool | int | float)
    return value if is_plain and not isinstance(value, Path) else str(value)
