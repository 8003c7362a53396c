"""How often a host is asked, on a clock that the test moves."""

import numpy as np
import pytest

from quantloom.data.providers import (
    Pace,
    ProviderBadData,
    ProviderRateLimited,
    ProviderUnavailable,
    SymbolNotFound,
)
from quantloom.data.providers.asking import Answer, Question
from quantloom.data.providers.pacing import PacedAsker
from tests.library.data.providers.builders import make_question

OK = Answer(table=None, value=1, sha256="")
DOWN = ProviderUnavailable("akshare", "down")


class Scripted:
    """Answers as it was told to, and notes when it was asked."""

    def __init__(self, *script: Answer | Exception) -> None:
        self.script, self.now, self.asked = list(script), 0.0, list[float]()

    def ask(self, question: Question) -> Answer:
        self.asked.append(self.now)
        told = self.script.pop(0) if self.script else OK
        if isinstance(told, Exception):
            raise told
        return told

    def close(self) -> None: ...

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def make_asker(vendor: Scripted, **pace: float) -> PacedAsker:
    return PacedAsker(
        vendor,
        Pace(**pace),  # type: ignore[arg-type]
        generator=np.random.default_rng(7),
        uptime=lambda: vendor.now,
        sleep=vendor.sleep,
    )


def test_a_burst_is_followed_by_the_long_run_rate() -> None:
    vendor = Scripted()
    asker = make_asker(vendor, per_second=2.0, burst=3)

    for _ in range(7):
        asker.ask(make_question())

    assert vendor.asked == pytest.approx([0, 0, 0, 0.5, 1.0, 1.5, 2.0])


def test_hosts_are_counted_apart() -> None:
    vendor = Scripted()
    asker = make_asker(vendor, per_second=1.0, burst=1)

    for host in ("a", "b", "a"):
        asker.ask(make_question(host=host))

    assert vendor.asked == pytest.approx([0, 0, 1.0])


def test_a_fault_that_may_pass_is_asked_again_with_growing_jittered_waits() -> None:
    vendor = Scripted(DOWN, DOWN, DOWN)
    asker = make_asker(vendor, per_second=100.0, first_wait_s=4.0, attempts=4)

    assert asker.ask(make_question()).attempts == 4

    waits = np.diff(vendor.asked)
    assert [low <= wait <= 2 * low for low, wait in zip((2, 4, 8), waits, strict=True)] == [
        True
    ] * 3
    assert len(set(waits / [1, 2, 4])) == 3


def test_a_wait_that_the_host_names_is_kept() -> None:
    vendor = Scripted(ProviderRateLimited("akshare", "slow", 30.0))

    make_asker(vendor).ask(make_question())

    assert vendor.asked == pytest.approx([0.0, 30.0])


def test_the_last_error_is_passed_on_after_the_last_attempt() -> None:
    vendor = Scripted(*[DOWN] * 9)

    with pytest.raises(ProviderUnavailable):
        make_asker(vendor, attempts=3).ask(make_question())
    assert len(vendor.asked) == 3


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (SymbolNotFound("akshare", "X"), 1),
        (ProviderBadData("akshare", "bars", "renamed"), 1),
        (ProviderBadData("akshare", "bars", "cut", True), 2),
    ],
)
def test_only_what_may_pass_is_asked_again(error: Exception, asked: int) -> None:
    vendor = Scripted(error, error)

    with pytest.raises(type(error)):
        make_asker(vendor, attempts=2).ask(make_question())
    assert len(vendor.asked) == asked


def test_a_host_that_keeps_failing_is_left_alone_for_a_while() -> None:
    vendor = Scripted(*[DOWN] * 4)
    asker = make_asker(vendor, attempts=1, failures=3, rest_s=100.0)
    for _ in range(3):
        with pytest.raises(ProviderUnavailable, match="down"):
            asker.ask(make_question())

    with pytest.raises(ProviderUnavailable, match="left alone"):
        asker.ask(make_question())
    resting = len(vendor.asked)
    vendor.sleep(101.0)
    with pytest.raises(ProviderUnavailable, match="down"):
        asker.ask(make_question())
    with pytest.raises(ProviderUnavailable, match="left alone"):
        asker.ask(make_question())
    vendor.sleep(101.0)

    assert resting == 3
    assert asker.ask(make_question()).value == 1
    assert asker.ask(make_question()).value == 1
