"""The root error and its five kinds.

Every concrete error extends one kind, keeps its facts as attributes, has a stable `code` and says
in its text what to do next. Texts in Chinese are in `messages.py`, looked up by code.
"""

from typing import ClassVar


class QuantloomError(Exception):
    """Anything this library refuses or fails to do, in words a user can act on."""

    code: ClassVar[str] = "error"


class Invalid(QuantloomError):
    """The request is wrong and stays wrong until its sender changes it."""

    code = "invalid"


class NotFound(QuantloomError):
    """What the request names is not there."""

    code = "not_found"


class Forbidden(QuantloomError):
    """The request is understood and not allowed."""

    code = "forbidden"


class Conflict(QuantloomError):
    """The request does not fit the present state."""

    code = "conflict"


class Unavailable(QuantloomError):
    """Something needed is missing for now; the same request may work later."""

    code = "unavailable"
