"""Answers that are kept, questions that are told of, and providers of other packages."""

from datetime import timedelta
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from quantloom.data.providers import (
    ProviderSettings,
    ProviderUnavailable,
    SyntheticProvider,
    open_provider,
    opening,
    provider_names,
)
from quantloom.data.providers.asking import Answer, Question
from quantloom.data.providers.caching import CachingAsker
from quantloom.data.providers.hearing import HeardAsker
from tests.library.data.providers.builders import Canned, make_clock, make_question

TABLE = pa.table({"day": ["2024-01-02"]})
DAY_S = 86_400.0


def test_a_list_is_asked_for_once_a_day(tmp_path: Path) -> None:
    vendor, clock = Canned(names=TABLE, value={"a": [1]}), make_clock()
    asker = CachingAsker(vendor, tmp_path, clock)
    names, value = (make_question(name, keep_s=DAY_S) for name in ("names", "value"))

    first = [asker.ask(names), asker.ask(value)]
    clock.advance(timedelta(hours=23))
    again = [asker.ask(names), asker.ask(value)]
    asked = len(vendor.asked)
    clock.advance(timedelta(hours=2))
    asker.ask(names)

    assert [one.table for one in again] == [one.table for one in first]
    assert again[1].value == {"a": [1]}
    assert (asked, len(vendor.asked)) == (2, 3)


def test_bars_are_never_kept(tmp_path: Path) -> None:
    vendor = Canned(bars=TABLE)
    asker = CachingAsker(vendor, tmp_path, make_clock())

    for _ in range(2):
        asker.ask(make_question("bars"))

    assert len(vendor.asked) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [0, 5, 40, -3])
def test_a_damaged_answer_is_asked_for_again(tmp_path: Path, cut: int) -> None:
    vendor = Canned(names=TABLE)
    asker = CachingAsker(vendor, tmp_path, make_clock())
    asker.ask(make_question("names", keep_s=DAY_S))
    (path,) = tmp_path.glob("*.answer")
    path.write_bytes(path.read_bytes()[:cut])

    assert asker.ask(make_question("names", keep_s=DAY_S)).table == TABLE


def test_questions_differ_by_what_is_asked_and_not_by_the_secret() -> None:
    plain = make_question("daily", arguments={"a": 1, "b": 2})

    assert plain.key() == make_question("daily", arguments={"b": 2, "a": 1}).key()
    assert plain.key() == make_question("daily", arguments={"a": 1, "b": 2}, secret="x").key()
    assert plain.key() != make_question("daily", arguments={"a": 1}).key()


def test_what_came_of_every_question_is_told() -> None:
    down = ProviderUnavailable("akshare", "down")
    told: list[tuple[str, object]] = []

    def heard(question: Question, came: Answer | Exception, took_ms: float) -> None:
        told.append((question.function, came if isinstance(came, Exception) else came.value))

    asker = HeardAsker(Canned(good=7, bad=down), heard)
    asker.ask(make_question("good"))
    with pytest.raises(ProviderUnavailable):
        asker.ask(make_question("bad"))

    assert told == [("good", 7), ("bad", down)]


def open_mine(settings: ProviderSettings) -> SyntheticProvider:
    return SyntheticProvider(settings.made_up, settings.clock)


def test_another_package_adds_a_provider_by_an_entry_point(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = EntryPoint("mine", f"{__name__}:open_mine", opening.ENTRY_POINTS)

    class Points(list[EntryPoint]):
        names = frozenset({"mine"})

    def found(**wanted: Any) -> Points:
        return Points([mine] if wanted.get("name", "mine") == "mine" else [])

    monkeypatch.setattr(opening, "entry_points", found)

    assert "mine" in provider_names()
    assert isinstance(open_provider("mine"), SyntheticProvider)
