"""Secrets kept out of logs, by the names of fields and by what their values look like."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

HIDDEN = "[hidden]"

_NAMES = (
    r"passw(?:or)?d|passphrase|secret|token|authori[sz]ation|cookie|csrf|totp|one_time_code|"
    r"recovery_code|api_?key|private_?key|credential|broker_id|idempotency_key"
)
_SECRET_KEY = re.compile(rf"(?:{_NAMES})(?!_type\b|s?_(?:count|id)\b)", re.IGNORECASE)
_SHAPES = (
    # An address with a password in it.
    (re.compile(r"(?<=://)([^/\s:@]*):[^@\s/]+@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"\beyJ[\w-]{6,}\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\bql_[a-z]+_\w+"), HIDDEN),
    # Of refreshes, resets and addresses.
    (re.compile(r"\bql[rpe]_[\w-]{6,}"), HIDDEN),
    (
        re.compile(
            rf"\b(\w*(?:{_NAMES})\w*[\"']?\s*[=:]\s*[\"']?)(?!\[hidden)[^\s\"',;&}})]+",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
)
# Without one of these no shape fits, and most values have none.
# Looked for in folded text: a pattern that ignores case takes seven times as long.
_TELLING = re.compile(rf"://|eyj|bearer|basic|ql[rpe]?_|{_NAMES}")
_DEEPEST = 8


def redact(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Copy fields with everything hidden that may be a secret."""
    return {key: _kept(key, value, 0) for key, value in fields.items()}


def redact_text(text: str) -> str:
    """Hide what looks like a secret in a text, such as a traceback."""
    # No shape is letters and digits alone, as words and ids are.
    if text.isalnum() or _TELLING.search(text.casefold()) is None:
        return text
    for shape, hidden in _SHAPES:
        text = shape.sub(hidden, text)
    return text


@lru_cache(maxsize=4096)
def _is_secret(key: str) -> bool:
    return _SECRET_KEY.search(key) is not None


def _kept(key: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if _is_secret(key):
        return HIDDEN
    return _plain(value, depth)


def _plain(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, int | float):
        return value
    if depth >= _DEEPEST:
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): _kept(str(key), item, depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item, depth + 1) for item in value]
    return redact_text(str(value))
