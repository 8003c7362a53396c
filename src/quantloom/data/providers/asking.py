"""A question to a vendor and its answer, as plain values between two processes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One call of one function of a vendor.

    Attributes:
        provider: who asks, for errors. vendor: whose code answers.
        host: what the limit of questions is counted by.
        arguments: plain values by the vendor's own names.
        extra: what a vendor's caller needs besides, such as the exchange or the endpoint.
        secret: the one secret the call needs; it is in no hash, no cache and no error.
        keep_s: how long an answer may be used again.
    """

    provider: str
    vendor: str
    function: str
    host: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    secret: str | None = field(default=None, repr=False)
    timeout_s: float = 60.0
    keep_s: float = 0.0

    def key(self) -> str:
        """Name the question: equal questions, equal names; the secret has no part in it."""
        told = [self.vendor, self.function, dict(self.arguments), dict(self.extra)]
        return hashlib.sha256(msgspec.json.encode(told, order="sorted")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back: a table, or a value as JSON has them.

    Attributes:
        sha256: of the bytes that came from the worker.
        version: of the vendor's package, empty where none is used.
        attempts: how often it was asked until this came.
    """

    table: pa.Table | None
    value: Any
    sha256: str
    version: str = ""
    took_ms: float = 0.0
    attempts: int = 1


class Asker(Protocol):
    """Puts a question to a vendor."""

    def ask(self, question: Question) -> Answer:
        """Give the answer.

        Raises:
            ProviderUnavailable, ProviderRateLimited, ProviderBadData, SymbolNotFound.
        """
        ...

    def close(self) -> None: ...
