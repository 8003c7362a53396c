from typing import Any

import pytest
from benchmarks.table import goal_words, render


def make_entry(**fields: Any) -> dict[str, Any]:
    given = {
        "work": "W0",
        "system": "quantloom",
        "seconds": 0.5,
        "min_seconds": 0.4,
        "runs": 3,
        "peak_rss_mb": 50.0,
    }
    return given | fields


@pytest.mark.parametrize(
    ("seconds", "words"), [(1.0, ">= 2x met"), (0.99, ">= 2x missed"), (5.0, ">= 2x met")]
)
def test_a_peer_must_be_so_many_times_slower(seconds: float, words: str) -> None:
    assert goal_words(make_entry(seconds=seconds, goal_times=2.0), ours=make_entry()) == words


@pytest.mark.parametrize(
    ("cpu_seconds", "words"),
    [(0.575, "1.15x of cpu <= 1.15x met"), (0.6, "1.20x of cpu <= 1.15x missed")],
)
def test_what_is_done_besides_may_take_a_share_of_the_time(cpu_seconds: float, words: str) -> None:
    entry = make_entry(cpu_seconds=cpu_seconds, goal_share=1.15)

    assert goal_words(entry, ours=make_entry(cpu_seconds=0.5)) == words


def test_a_command_must_end_in_time() -> None:
    assert goal_words(make_entry(goal_seconds=2.0), ours=make_entry()) == "< 2 s met"


@pytest.mark.parametrize(("peak", "words"), [(349.9, "met"), (350.0, "missed")])
def test_a_run_must_hold_less_than_its_goal_of_memory(peak: float, words: str) -> None:
    entry = make_entry(peak_rss_mb=peak, goal_mb=350.0)

    assert goal_words(entry, ours=make_entry()) == f"< 350 MiB {words}"


def test_a_report_must_be_made_in_time_and_be_small_enough() -> None:
    entry = make_entry(goal_seconds=5.0, goal_page_mb=6.0, page_mb=6.01)

    assert goal_words(entry, ours=make_entry()) == "< 5 s met, < 6 MB missed"


def test_a_system_that_means_something_else_says_so_under_the_table() -> None:
    lines = render([make_entry(system="nautilus", differs="fills elsewhere")]).splitlines()

    assert lines[-1] == "nautilus at W0 fills elsewhere"


def test_a_peer_has_no_goal_where_quantloom_was_not_measured() -> None:
    assert goal_words(make_entry(system="vnpy", goal_times=2.0), ours=None) == ""


def test_each_peer_is_compared_with_quantloom_at_the_same_work() -> None:
    entries = [
        make_entry(),
        make_entry(system="vnpy", seconds=1.5),
        make_entry(work="W9", seconds=1.0),
        make_entry(work="W9", system="vnpy", seconds=1.5),
    ]

    lines = render(entries).splitlines()

    assert [" 3.0x " in line for line in lines[2:]] == [False, True, False, False]
    assert " 1.5x " in lines[5]
    assert len({len(line) for line in lines}) == 1
