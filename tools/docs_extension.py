"""Tells the builder of the documentation how docstrings are written here; see zensical.toml."""

from typing import Any

from griffe import Extension, Object

from tools.docstrings import plain_sections


class HouseStyle(Extension):  # type: ignore[misc]  # griffe is installed with the docs alone
    """Puts each docstring as the builder reads it."""

    def on_object(self, *, obj: Object, **_: Any) -> None:
        if obj.docstring:
            obj.docstring.value = plain_sections(obj.docstring.value)
