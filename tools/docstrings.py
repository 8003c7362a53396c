"""The house style of docstrings, put the way the builder of the documentation reads it."""

import re
from inspect import cleandoc

# `Raises:` straight below a line of text, and an indented line after it.
_CROWDED_SECTION = re.compile(r"(?<=\S)\n(?=[A-Z][a-z ]*:\n +\S)")
_CLASS_ATTRIBUTES = re.compile(r"^Class attributes:$", re.MULTILINE)
# One entry for several names, `start, end: dates`, with the lines that go on with it.
_SHARED_ENTRY = re.compile(r"^    (\w+(?:, \w+)+)(: .*(?:\n     +.*)*)", re.MULTILINE)


def plain_sections(docstring: str) -> str:
    """Set sections apart by empty lines, and give each name an entry of its own."""
    text = _CROWDED_SECTION.sub("\n\n", cleandoc(docstring))
    text = _CLASS_ATTRIBUTES.sub("Attributes:", text)
    return _SHARED_ENTRY.sub(_entries, text)


def _entries(shared: re.Match[str]) -> str:
    names, text = shared.groups()
    return "\n".join(f"    {name}{text}" for name in names.split(", "))
