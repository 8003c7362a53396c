"""Whatever a folder keeps: a search, a walk forward or a cross-validation."""

import os
from pathlib import Path

from quantloom.backtest.optimise import validating, walking
from quantloom.backtest.optimise.result import OptimisationResult, load_study
from quantloom.backtest.optimise.store import read_study
from quantloom.backtest.optimise.walked import WalkForward


def load_any(
    folder: str | os.PathLike[str],
) -> OptimisationResult | WalkForward | validating.CrossValidation:
    """Bring back what a folder keeps, as far as it has come.

    Raises:
        NoStudy: the folder holds none, or a cross-validation that was not finished.
        CorruptStudy: a file is not what was written.
    """
    place = Path(folder)
    kind = read_study(place).get("kind")
    if kind == walking.KIND:
        return walking.load_walk(place)
    if kind == validating.KIND:
        return validating.load_validation(place)
    return load_study(place)
