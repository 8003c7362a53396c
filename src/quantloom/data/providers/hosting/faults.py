"""Which of our errors an exception in a vendor's code is, by the names of its classes."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from quantloom.data.providers.asking import Question
from quantloom.data.providers.errors import (
    BadProviderSetting,
    NotSupported,
    ProviderBadData,
    ProviderRateLimited,
    ProviderUnavailable,
    SymbolNotFound,
)
from quantloom.errors import QuantloomError

_SHOWN = 300
_TOO_MANY = 429
_REFUSED = (401, 403)
_NOT_FOUND = 404
_DOWN = 500

# Looked for in the order of the exception's own classes, so that the narrowest one decides.
_KINDS: Mapping[str, str] = {
    "ModuleNotFoundError": "missing",
    "YFRateLimitError": "limited",
    # Of a symbol that is known, for a span: whether the market was open then is told elsewhere.
    "YFPricesMissingError": "changed",
    "YFTickerMissingError": "unknown",
    "YFInvalidPeriodError": "unsupported",
    "RateLimitExceeded": "limited",
    "DDoSProtection": "limited",
    "BadSymbol": "unknown",
    "NotSupported": "unsupported",
    "AuthenticationError": "token",
    "RestrictedLocation": "down",
    "BadResponse": "garbled",
    "OperationFailed": "down",
    "JSONDecodeError": "garbled",
    "ChunkedEncodingError": "garbled",
    "IncompleteRead": "garbled",
    "ContentDecodingError": "garbled",
    "HTTPError": "down",
    "URLError": "down",
    "RequestException": "down",
    "CurlError": "down",
    "TimeoutError": "down",
    "ConnectionError": "down",
    "MemoryError": "down",
    "OSError": "down",
    # A site that was rebuilt, or that answers with a page instead of data.
    "LookupError": "changed",
    "TypeError": "changed",
    "ValueError": "changed",
    "AttributeError": "changed",
}
# What tushare says in words: too often, out of points, an unknown token.
_TUSHARE = (
    (re.compile("每分钟|每小时|每天|频次|最多访问"), "limited"),
    (re.compile("token|权限|积分", re.IGNORECASE), "token"),
)


def fault_of(question: Question, told: Mapping[str, Any]) -> QuantloomError:
    """Make an error of what the worker told of an exception."""
    text = " ".join(str(told.get("text", "")).split())[:_SHOWN]
    names = [str(name).rpartition(".")[2] for name in told.get("kinds", ())]
    problem = f"{names[0] if names else 'fault'}: {text}" if text else names[0] if names else "?"
    name, function = question.provider, question.function
    wait_s = _seconds(told.get("wait"))
    extra = "crypto" if question.vendor == "ccxt" else "vendors"
    missing = f"is not installed ({text}); run pip install 'quantloom[{extra}]'"
    faults: Mapping[str, Callable[[], QuantloomError]] = {
        "limited": lambda: ProviderRateLimited(name, problem, wait_s),
        "unknown": lambda: SymbolNotFound(name, _asked(question)),
        "unsupported": lambda: NotSupported(name, f"{function} of {_asked(question)}", "others"),
        "missing": lambda: BadProviderSetting(name, question.vendor, missing),
        "token": lambda: BadProviderSetting(name, "token", f"was refused: {text}"),
        "down": lambda: ProviderUnavailable(name, problem),
        "garbled": lambda: ProviderBadData(name, function, problem, may_pass=True),
        "changed": lambda: ProviderBadData(name, function, problem),
    }
    return faults[_kind(question.vendor, names, told.get("status"), text)]()


def _kind(vendor: str, names: list[str], status: object, text: str) -> str:
    if "_Refused" in names:
        return next((kind for words, kind in _TUSHARE if words.search(text)), "changed")
    if status == _TOO_MANY:
        return "limited"
    if status == _NOT_FOUND and vendor == "yfinance":
        return "unknown"
    if isinstance(status, int) and status >= _DOWN:
        return "down"
    if status in _REFUSED:
        return "down"
    return next((_KINDS[name] for name in names if name in _KINDS), "changed")


def _asked(question: Question) -> str:
    names = ("symbol", "ticker", "ts_code", "stock")
    return next((str(question.arguments[name]) for name in names if name in question.arguments), "")


def _seconds(wait: object) -> float:
    try:
        return max(float(str(wait)), 0.0)
    except ValueError:  # also a date, which nobody here sends
        return 0.0
