"""Mappings as files, and what was said of columns as memory."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quantloom.data import BadMapping, Hints, read_mapping
from quantloom.data.readers import (
    FINDINGS,
    FileNotThere,
    Role,
    map_file,
    recall,
    remember,
    signature,
)
from tests.library.data.builders import GOOD_ROWS, HEADER, csv_of, write_text

ROLES = st.sampled_from([str(role) for role in Role] + ["bid.1", "ask_size.10"])
SAID = st.builds(
    Hints,
    kind=st.none() | st.sampled_from(["bars", "trades", "book"]),
    columns=st.dictionaries(st.text(min_size=1, max_size=12), ROLES, max_size=4),
    timeframe=st.none() | st.sampled_from(["1m", "1d"]),
    label=st.none() | st.sampled_from(["open", "close"]),
    zone=st.none() | st.just("Asia/Shanghai"),
    volume_lot=st.none() | st.floats(0.001, 1e6),
    price_scale=st.none() | st.integers(1, 10_000).map(float),
    adjustment=st.none() | st.sampled_from(["none", "forward", "suspected"]),
    symbol=st.none() | st.text(min_size=1, max_size=20),
)


@settings(max_examples=80)
@given(said=SAID)
def test_what_was_said_survives_its_file(said: Hints) -> None:
    assert Hints.from_toml(said.to_toml()) == said


def test_a_whole_mapping_survives_its_file(tmp_path: Path) -> None:
    path = write_text(tmp_path, csv_of(*GOOD_ROWS), name="AAPL.csv")
    mapping = map_file(path)[0].mapping

    hints = Hints.from_toml(mapping.to_toml())
    again = map_file(path, hints=hints)[0].mapping

    for name in FINDINGS:
        assert getattr(again, name).value == getattr(mapping, name).value
    assert [one.role for one in again.columns] == [one.role for one in mapping.columns]
    assert again.confidence == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("label =", "no TOML"),
        ("version = 2", "version 2"),
        ('colour = "red"', "no entry is named 'colour'"),
        ('label = "middle"', "not one of open, close, session"),
        ("volume_lot = 0", "not a number above zero"),
        ("volume_lot = true", "not a number above zero"),
        ("zone = 8", "not a text"),
        ('zone = "Mars/Olympus"', "not a time zone"),
        ('day = "2024-13-01"', "not a date"),
        ('timeframe = "soon"', "not a timeframe"),
        ('[columns]\nx = "vol"', "column 'x' cannot be 'vol'"),
        ("columns = 3", "is no table"),
    ],
)
def test_a_mapping_that_cannot_be_is_told_by_its_entry(
    text: str, problem: str, tmp_path: Path
) -> None:
    path = write_text(tmp_path, text, name="m.toml")

    with pytest.raises(BadMapping, match=problem):
        read_mapping(path)


def test_a_hint_that_cannot_be_is_refused_where_it_is_given() -> None:
    with pytest.raises(BadMapping, match=r"day is '31\.1\.2024', not a date"):
        Hints(day="31.1.2024")


def test_an_absent_mapping_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotThere, match=r"none\.toml"):
        read_mapping(tmp_path / "none.toml")


def test_what_is_remembered_is_of_the_columns_and_not_of_the_file(tmp_path: Path) -> None:
    columns = HEADER.split(",")
    once = Hints(symbol="A.LOCAL", day="2024-01-02", timeframe="5m", zone="Asia/Tokyo")
    remember(tmp_path, columns, once)
    remember(tmp_path, columns, Hints(label="close"))

    assert recall(tmp_path, columns) == Hints(zone="Asia/Tokyo", label="close")
    assert recall(tmp_path, columns[::-1]) == Hints()


def test_nothing_said_is_nothing_remembered(tmp_path: Path) -> None:
    assert remember(tmp_path, ("a", "b"), Hints(symbol="A.LOCAL")) is None
    assert [*tmp_path.iterdir()] == []


def test_nothing_is_remembered_of_columns_without_names(tmp_path: Path) -> None:
    assert remember(tmp_path, ("", " "), Hints(zone="Asia/Tokyo")) is None
    assert [*tmp_path.iterdir()] == []


def test_a_signature_is_that_of_names_in_their_order() -> None:
    assert signature(("Open", "Close")) == signature(("open ", "close"))
    assert signature(("open", "close")) != signature(("close", "open"))
    assert signature(("", "")) != signature(("",))
