"""Putting together what several workers made of the parts of one study."""

from collections.abc import Iterable, Sequence

from quantloom.backtest.optimise.result import OptimisationResult
from quantloom.backtest.optimise.spec import BadStudy, StudySpec
from quantloom.backtest.optimise.trial import Trial


def merge_groups(spec: StudySpec, parts: Iterable[Sequence[Trial]]) -> OptimisationResult:
    """Join the trials of all groups of a study: the same as one run of the whole gives.

    Args:
        parts: what `Study.run_group` gave for each group of `Study.split`, in any order.
    Raises:
        BadStudy: a set is missing or there twice.
    """
    trials = sorted((trial for part in parts for trial in part), key=lambda one: one.number)
    numbers = [one.number for one in trials]
    if numbers != [*range(len(numbers))]:
        off = next(at for at, number in enumerate(numbers) if number != at)
        raise BadStudy("parts", f"without trial {off}, or with one twice", "every group, each once")
    return OptimisationResult(spec=spec, trials=tuple(trials), executor="merged")
