"""What a rule file may not say, each told with its file and line."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantloom.market.rulebook.reader import BadRules, RuleFile, lines_of, read_rules
from quantloom.market.rulebook.topics import TOPICS, Grid
from tests.library.market.rulebook.rule_texts import FIRST_ENTRY, HEAD, entry, rule_text

GRID = entry("grid", "tick = 1")
DAYS = st.dates(date(2000, 1, 1), date(2030, 12, 31))


def complaint(text: str) -> BadRules:
    with pytest.raises(BadRules) as caught:
        read_rules("my.toml", text)
    return caught.value


def grids(file: RuleFile) -> tuple[Grid, ...]:
    return tuple(one for one in file.entries["grid", "rb"] if isinstance(one, Grid))


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        pytest.param(entry("grid", "tick = 1", "colour = 2"), "colour", id="unknown key"),
        pytest.param(entry("grid"), "tick", id="missing key"),
        pytest.param(entry("grid", "tick = true"), "decimal", id="no number"),
        pytest.param(entry("grid", "tick = nan"), "nan", id="nan"),
        pytest.param(entry("fee", "open = { money = inf }", "close = {}"), "inf", id="inf"),
        pytest.param(entry("grid", "tick = -1"), "`tick` is below zero", id="below zero"),
        pytest.param(entry("grid", "tick = 0"), "`tick` is zero", id="a tick of zero"),
        pytest.param(entry("grid", "tick = 1", "step = 0.0"), "`step`", id="a step of zero"),
        pytest.param(entry("fee", "open = { unit = -1 }", "close = {}"), "`open`", id="in a rate"),
        pytest.param(entry("hours", 'day = ["9:00-25:00"]'), "`day[0]` is not", id="no time"),
        pytest.param(
            entry("hours", 'day = ["13:00-15:00", "09:00-11:30"]'), "order", id="afternoon first"
        ),
        pytest.param(entry("hours", 'day = ["15:00-09:00"]'), "order", id="close before open"),
        pytest.param(
            entry("delivery", 'last_day = "someday"', 'method = "cash"'), "`last_day`", id="no day"
        ),
        pytest.param(
            entry("delivery", 'last_day = "31st"', 'method = "cash"'), "`last_day`", id="the 31st"
        ),
        pytest.param(
            entry("closing", "buckets = true", 'consumes = "any"'), "any", id="unknown choice"
        ),
        pytest.param(entry("grid", "tick = 1", source="rumour"), "'rumour'", id="no such source"),
        pytest.param(entry("grid", "tick = 1", of="[]"), "names nobody", id="nobody"),
        pytest.param(entry("grid", "tick = 1", of='[""]'), "names nobody", id="empty name"),
        pytest.param(entry("grid", "tick = 1", of='["rb#1"]'), "#", id="name with a rank"),
        pytest.param(entry("grid", "tick = 1", of='"rb"'), "array", id="one name, no list"),
        pytest.param(
            entry("grid", "tick = 1", to="2023-12-31"), "before it begins", id="backwards"
        ),
        pytest.param(entry("grid", "tick = 1", to="9999-12-31"), "no end", id="endless"),
        pytest.param(
            entry("grid", "tick = 1", since="2024-01-01T09:00:00"), "datetime", id="a moment"
        ),
    ],
)
def test_a_fault_of_an_entry_is_told_with_the_line_it_begins_on(body: str, problem: str) -> None:
    error = complaint(rule_text(body))

    assert (error.file, error.line) == ("my.toml", FIRST_ENTRY)
    assert problem in error.problem
    assert str(error).startswith(f"my.toml:{FIRST_ENTRY}: ")


@pytest.mark.parametrize(
    ("first_to", "second_since", "problem"),
    [
        ("2024-06-30", "2024-06-30", "overlaps the entry from 2024-01-01"),
        ("2024-06-30", "2024-03-01", "overlaps the entry from 2024-01-01"),
        (None, "2024-01-01", "overlaps the entry from 2024-01-01"),
        ("2024-06-30", "2024-07-02", "leaves 2024-07-01 to 2024-07-01 without a rule"),
        ("2024-06-30", "2024-07-03", "leaves 2024-07-01 to 2024-07-02 without a rule"),
    ],
)
def test_neighbours_may_not_overlap_nor_leave_a_hole(
    first_to: str | None, second_since: str, problem: str
) -> None:
    first = entry("grid", "tick = 1", to=first_to)
    error = complaint(rule_text(first, entry("grid", "tick = 2", since=second_since)))

    assert error.problem == f"grid of rb {problem}"
    assert error.line == FIRST_ENTRY + first.count("\n") + 1


def test_a_name_given_twice_in_one_entry_overlaps_itself() -> None:
    assert "overlaps" in complaint(rule_text(entry("grid", "tick = 1", of='["rb", "rb"]'))).problem


def test_entries_since_the_first_of_all_days_overlap_like_any_others() -> None:
    first = entry("grid", "tick = 1", since="0001-01-01")

    assert "overlaps" in complaint(rule_text(first, first)).problem


def test_the_order_of_entries_in_a_file_does_not_matter() -> None:
    early, late = entry("grid", "tick = 1"), entry("grid", "tick = 2", since="2025-01-01")

    assert grids(read_rules("a", rule_text(early, late))) == grids(
        read_rules("a", rule_text(late, early))
    )


def test_days_without_nights_are_listed_one_by_one() -> None:
    days = (("2024-02-19", "2024-02-19"), ("2024-04-08", "2024-04-08"))
    nights = [entry("no_nights", since=since, to=to) for since, to in days]

    found = read_rules("a", rule_text(*nights)).entries["no_nights", "rb"]

    assert [one.since for one in found] == [date(2024, 2, 19), date(2024, 4, 8)]


def test_tiers_of_a_day_stand_side_by_side() -> None:
    tiers = [
        entry("maker_taker", f"tier = {tier}", "maker = -0.0001", "taker = 0.0005")
        for tier in (0, 1)
    ]

    found = read_rules("a", rule_text(*tiers)).entries

    assert set(found) == {("maker_taker", "rb#0"), ("maker_taker", "rb#1")}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        pytest.param('venues = ["SHFE"]\ncurrency =\n', 2, "Invalid value", id="no value"),
        pytest.param('venues = ["SHFE"\n', 1, "", id="never closed"),
        pytest.param('currency = "CNY"\n', 1, "venues", id="a head without venues"),
        pytest.param(f"{HEAD}[[gird]]\nof = []\n", FIRST_ENTRY, "'gird' is", id="unknown topic"),
        pytest.param('venues = []\ncolour = 1\ncurrency = "x"\n', 2, "'colour'", id="unknown key"),
        pytest.param('venues = []\ncurrency = "x"\nsources = 1\n', 1, "object", id="no sources"),
        pytest.param(f"{HEAD}[grid]\ntick = 1\n", FIRST_ENTRY, "[[grid]]", id="one bracket"),
        pytest.param(f'{HEAD}[["grid"]]\ntick = 1\n', FIRST_ENTRY, "[[grid]]", id="quoted"),
        pytest.param(f"grid = [{{ tick = 1 }}]\n{HEAD}", 1, "[[grid]]", id="in one line"),
        pytest.param(f'{HEAD}[sources.b]\ntitle = "t"\n', FIRST_ENTRY, "publisher", id="half"),
        pytest.param(
            f'{HEAD}[sources."b"]\ntitle = "t"\npublisher = "p"\nas_of = 1\n',
            8,
            "date",
            id="a source of no day",
        ),
        pytest.param(
            f'{HEAD}[sources.default]\ntitle = "t"\npublisher = "p"\nas_of = 2024-01-01\n',
            8,
            "'default'",
            id="a source called default",
        ),
    ],
)
def test_a_fault_of_the_file_is_told_with_its_line(text: str, line: int, problem: str) -> None:
    error = complaint(text)

    assert error.line == line
    assert problem in error.problem


def test_a_title_may_look_like_an_entry_only_in_vain() -> None:
    text = rule_text(GRID).replace('title = "T"', 'title = """\n[[grid]]\n"""')

    assert "on a line of its own" in complaint(text).problem


@pytest.mark.parametrize("topic", TOPICS)
def test_the_lines_of_entries_are_those_an_editor_shows(topic: str) -> None:
    text = f"# one\n[[{topic}]]\n# [[{topic}]]\r\n  [[ {topic} ]] # here\n[[{topic}s]]\n"

    assert lines_of(text, topic) == [2, 4]


def test_numbers_are_exact_and_an_end_is_filled_in_where_another_entry_follows() -> None:
    text = rule_text(entry("grid", "tick = 0.1"), entry("grid", "tick = 0.30", since="2024-07-01"))

    early, late = grids(read_rules("a", text))

    assert (early.tick, late.tick) == (Decimal("0.1"), Decimal("0.30"))
    assert (early.to, late.to) == (date(2024, 6, 30), None)


@given(st.sets(DAYS, min_size=1, max_size=8))
def test_entries_without_an_end_hold_each_day_once_from_the_first_on(since: set[date]) -> None:
    entries = [
        entry("grid", f"tick = {1 + place}", since=str(day)) for place, day in enumerate(since)
    ]

    found = grids(read_rules("a", rule_text(*entries)))

    assert [one.since for one in found] == sorted(since)
    assert found[-1].to is None
    for one, following in pairwise(found):
        assert one.to is not None
        assert one.to + timedelta(days=1) == following.since


@given(st.lists(st.tuples(DAYS, st.integers(0, 60)), min_size=2, max_size=5))
def test_two_entries_never_hold_on_the_same_day(spans: list[tuple[date, int]]) -> None:
    ends = [(since, since + timedelta(days=length)) for since, length in spans]
    text = rule_text(
        *(entry("grid", "tick = 1", since=str(since), to=str(to)) for since, to in ends)
    )
    in_order = sorted(ends)
    fits = all(to + timedelta(days=1) == since for (_, to), (since, _) in pairwise(in_order))

    if fits:
        assert [(one.since, one.to) for one in grids(read_rules("a", text))] == in_order
    else:
        assert "grid of rb" in complaint(text).problem


@given(st.text(max_size=200))
@pytest.mark.parametrize("place", ["{}", GRID + "{}", '[[grid]]\nof = ["{}"]\n'])
def test_a_text_is_read_or_told_with_a_line_of_it(place: str, text: str) -> None:
    body = rule_text(place.replace("{}", text))
    line = 1
    try:
        read_rules("my.toml", body)
    except BadRules as error:
        line = error.line

    assert 1 <= line <= body.count("\n") + 1
