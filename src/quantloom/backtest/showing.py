"""The way from a result to its picture."""

from importlib import import_module
from typing import Any


def shown_by(name: str) -> Any:
    """Find a drawing function of the report.

    The report stands above this package and needs what a run does not, so it is looked up by name
    when a person asks for a picture, as `quantloom` itself loads its parts.
    """
    return getattr(import_module("quantloom.report"), name)
