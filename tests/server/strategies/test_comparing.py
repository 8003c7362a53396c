"""The difference between two texts, and how long it may take."""

import time

from hypothesis import given
from hypothesis import strategies as st

from quantloom_server.strategies.comparing import compare

NAMES = ("version 1", "version 2")


def test_nothing_differs_of_the_same() -> None:
    assert compare("a\nb", "a\nb", names=NAMES).unified == ""


def test_a_line_that_begins_like_a_mark_is_counted() -> None:
    found = compare("++ a\nb", "-- a\nb", names=NAMES)

    assert (found.added, found.removed) == (1, 1)


def test_very_many_other_lines_are_told_as_replaced() -> None:
    before = "first\n" + "".join(f"{number % 90}\n" for number in range(60_000)) + "last\n"
    after = "first\n" + "".join(f"{number % 91}\n" for number in range(60_000)) + "last\n"
    start = time.process_time()

    found = compare(before, after, names=NAMES)

    assert time.process_time() - start < 2
    assert found.unified.startswith("--- version 1\n+++ version 2\n@@ -92,59910 +92,59910 @@\n-")
    assert found.added == found.removed == 59_910


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), max_size=8))
def test_what_came_less_what_went_is_how_much_longer_it_is(
    before: list[str], after: list[str]
) -> None:
    found = compare("\n".join(before), "\n".join(after), names=NAMES)

    assert found.added - found.removed == len(after) - len(before)
