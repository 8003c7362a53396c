"""What a compiled program may ask of its desk."""

from typing import Any

import pytest

from quantloom.backtest.ticks import ProgramFailed, backtest_ticks, tick_program
from tests.library.backtest.ticks.builders import INSTRUMENT
from tests.library.backtest.ticks.test_executors import Case, random_ticks

MANY = {f"level_{count}": float(count) for count in range(33)}


@tick_program(**MANY)
def greedy(desk: Any) -> None:
    desk.memory[0] = desk.parameters[0]


def test_a_program_of_too_many_parameters_is_told_how_many_it_may_have() -> None:
    with pytest.raises(ProgramFailed, match="greedy: may have 32 parameters, not 33"):
        backtest_ticks(greedy, random_ticks(Case.of(0), 20), instrument=INSTRUMENT)
