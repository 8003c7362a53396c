"""Strategies to begin with: the presets, and those of installed packages. Nobody changes them here.

Packages are installed by whoever runs the service, so their code may be loaded; what users write
is never.
"""

import inspect
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from quantloom.strategy import Strategy
from quantloom.strategy.loading import ENTRY_POINTS, describe
from quantloom.strategy.starter import starter_files
from quantloom_server.strategies.errors import NoSuchTemplate, TemplateBroken

_OURS = "quantloom"
_NO_PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {},
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A strategy of an installed package, or what is wrong with it."""

    name: str
    package: str
    package_version: str
    class_name: str
    description: str = ""
    parameters: dict[str, Any]
    code: str = ""
    problem: str | None = None

    @property
    def is_preset(self) -> bool:
        return self.package == _OURS


@lru_cache(maxsize=1)
def list_templates() -> tuple[Template, ...]:
    """Every template by name; packages are looked at once in the life of a process."""
    points = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name)
    return tuple(map(_read, points))


def get_template(name: str) -> Template:
    """A template whose code can be taken.

    Raises:
        NoSuchTemplate: no package offers it.
        TemplateBroken: its package cannot be read.
    """
    for one in list_templates():
        if one.name == name:
            if one.problem is not None:
                raise TemplateBroken(name, one.problem)
            return one
    raise NoSuchTemplate(name)


@lru_cache(maxsize=1)
def starter_code() -> str:
    """What a strategy begins with where nothing is given."""
    return starter_files("my_strategy")["my_strategy.py"]


def _read(point: EntryPoint) -> Template:
    dist = point.dist
    package = dist.name if dist is not None else point.module.partition(".")[0]
    version = dist.version if dist is not None else ""
    class_name = point.attr or point.module
    try:
        found: type[Strategy] = point.load()
        code = inspect.getsource(sys.modules[found.__module__])
        parameters = found.parameters_schema()
        told = inspect.cleandoc(found.__doc__ or "")
    except (Exception, SystemExit) as error:  # noqa: BLE001  a package may fail in any way
        return Template(
            name=point.name,
            package=package,
            package_version=version,
            class_name=class_name,
            parameters=_NO_PARAMETERS,
            problem=describe(error, ""),
        )
    return Template(
        name=point.name,
        package=package,
        package_version=version,
        class_name=class_name,
        description=told,
        parameters=parameters,
        code=code,
    )
