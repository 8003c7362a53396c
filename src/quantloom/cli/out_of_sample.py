"""What a search is to show out of sample: nothing, walking forward, or cross-validation."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from quantloom.backtest.optimise import (
    CrossValidation,
    Folds,
    Length,
    Limits,
    Notify,
    NotifyWindow,
    OptimisationProgress,
    OptimisationResult,
    Study,
    WalkForward,
    explore,
    study_windows,
    validate_study,
    walk_study,
)
from quantloom.errors import Invalid

Found = OptimisationResult | WalkForward | CrossValidation


class BadFolds(Invalid):
    """A --folds that is not groups and tests."""

    code = "cli.bad_folds"

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return f"--folds {self.text!r} is not groups:tests; write --folds 6:2"


class OneValidation(Invalid):
    """Windows and folds together, or a window of which one part is not told."""

    code = "cli.one_validation"

    def __str__(self) -> str:
        return "walk forward by --train and --test (or --windows), or cross-validate by --folds"


@dataclass(frozen=True, slots=True)
class OutOfSample:
    """The options of walking forward and of cross-validation, as they were written.

    Raises:
        OneValidation: both are asked for, or one of `train` and `test`.
    """

    train: str | None
    test: str | None
    windows: int | None
    folds: str | None
    anchored: bool
    embargo: str | None
    purge: int

    def __post_init__(self) -> None:
        is_half = self.windows is None and (self.train is None) != (self.test is None)
        if is_half or (self.walks and self.folds is not None):
            raise OneValidation

    @property
    def walks(self) -> bool:
        """Whether the search walks forward."""
        return any(one is not None for one in (self.train, self.test, self.windows))


def carry_out(
    study: Study,
    limits: Limits,
    outside: OutOfSample,
    *,
    save: Path | None,
    notify: Notify | None,
    note: Mapping[str, Any] | None,
) -> Found:
    """Search, and try what was chosen out of sample where that was asked for.

    Raises:
        QuantloomError: one of its kinds, saying what is wrong and what to do.
    """
    kept: dict[str, Any] = {"folder": save, "note": note}
    if outside.folds is not None:
        folds = _folds(outside.folds, outside.purge, outside.embargo)
        return validate_study(study, folds, limits, notify=notify, **kept)
    if not outside.walks:
        return explore(study, limits, notify=notify, **kept)
    windows = study_windows(
        study,
        train=outside.train,
        test=outside.test,
        count=outside.windows,
        anchored=outside.anchored,
        embargo=outside.embargo or 0,
    )
    return walk_study(study, windows, limits, notify=_as_one_search(notify), **kept)


def _as_one_search(notify: Notify | None) -> NotifyWindow | None:
    """Tell of all windows as of one search: each is as long as the one that is under way."""
    if notify is None:
        return None

    def told(window: int, total: int, progress: OptimisationProgress) -> None:
        done, every = window * progress.total, total * progress.total
        notify(replace(progress, done=done + progress.done, total=every))

    return told


def _folds(text: str, purge: int, embargo: str | None) -> Folds:
    groups, _, tests = text.partition(":")
    left_out = 5 if embargo is None else Length.of(embargo.removesuffix("d"), "embargo").count
    try:
        return Folds(groups=int(groups), tests=int(tests), purge=purge, embargo=left_out)
    except ValueError:
        raise BadFolds(text) from None
