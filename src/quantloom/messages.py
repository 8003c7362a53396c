"""Error texts in Chinese, by the error's code. English ones are the errors' own.

A text is a format string over the error's attributes.
"""

from quantloom.errors import QuantloomError

CHINESE: dict[str, str] = {}


def in_chinese(error: QuantloomError) -> str | None:
    """Say an error in Chinese; None where there is no text for its code."""
    text = CHINESE.get(error.code)
    return None if text is None else text.format_map(vars(error))
