from datetime import timedelta
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from quantloom.kit import IdMaker, ManualClock

START_NS = 1_700_000_000_000_000_000


class JumpingClock(ManualClock):
    """A system clock that somebody sets."""

    def set(self, ns: int) -> None:
        self._ns = ns


def make_ids(count: int, maker: IdMaker) -> list[UUID]:
    return [maker.new() for _ in range(count)]


def test_an_id_is_a_version_7_uuid_of_the_present_millisecond() -> None:
    made = IdMaker(ManualClock(START_NS)).new()

    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == START_NS // 1_000_000


def test_more_ids_than_a_millisecond_holds_stay_unique_and_sorted() -> None:
    made = make_ids(3 * 4096 + 5, IdMaker(ManualClock(START_NS), random_bits=lambda _: 0))

    assert made == sorted(set(made))
    assert {one.version for one in made} == {7}


def test_ids_stay_sorted_when_the_clock_steps_back() -> None:
    clock = JumpingClock(START_NS)
    maker = IdMaker(clock)
    early = make_ids(3, maker)

    clock.set(START_NS - 60_000_000_000)
    late = make_ids(3, maker)

    assert [*early, *late] == sorted({*early, *late})


def test_a_borrowed_millisecond_is_not_given_out_again() -> None:
    clock = ManualClock(START_NS)
    maker = IdMaker(clock, random_bits=lambda _: 0)
    crowd = make_ids(4097, maker)

    clock.advance(timedelta(milliseconds=1))

    assert maker.new() > crowd[-1]


@given(st.lists(st.integers(0, 2**60), min_size=1, max_size=50))
def test_ids_are_sorted_and_unique_whatever_the_clock_does(readings: list[int]) -> None:
    clock = JumpingClock(0)
    maker = IdMaker(clock, random_bits=lambda _: 0)

    made = []
    for reading in readings:
        clock.set(reading)
        made.append(maker.new())

    assert made == sorted(set(made))


def test_two_makers_differ_by_their_random_bits() -> None:
    clock = ManualClock(START_NS)

    assert IdMaker(clock).new() != IdMaker(clock).new()
