"""Questions, made-up vendor modules and clocks, for the tests of providers."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from textwrap import dedent
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv

from quantloom.data.providers import Worker
from quantloom.data.providers.asking import Answer, Question
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


class Canned:
    """Answers questions from a table of functions; notes what was asked."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.asked = answers, list[Question]()

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        told = self.answers[question.function]
        if callable(told):
            told = told(question)
        if isinstance(told, Exception):
            raise told
        table = told if isinstance(told, pa.Table) else None
        return Answer(table=table, value=None if table is not None else told, sha256="")

    def close(self) -> None: ...


def table_of_rows(header: str, *rows: str) -> pa.Table:
    """A table of text written as CSV; cells that are numbers become such."""
    text = "\n".join([header, *rows]) + "\n"
    return pacsv.read_csv(BytesIO(text.encode()))
