"""Questions, made-up vendor modules and clocks, for the tests of providers."""

from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent
from typing import Any

from quantloom.data.providers import Worker
from quantloom.data.providers.asking import Question
from quantloom.kit import ManualClock

NOW = datetime(2024, 6, 3, 12, tzinfo=UTC)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_clock() -> ManualClock:
    return ManualClock(NOW)


def make_question(function: str = "bars", **given: Any) -> Question:
    asked: dict[str, Any] = {"provider": "akshare", "vendor": "akshare", "host": "example"}
    return Question(**(asked | {"function": function, "timeout_s": 20.0} | given))


def make_vendor(folder: Path, code: str, *, name: str = "akshare") -> Worker:
    """A worker that has a vendor's module of its own."""
    (folder / f"{name}.py").write_text(dedent(code), encoding="utf-8")
    return Worker(path=(folder,))
