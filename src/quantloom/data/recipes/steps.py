"""Every step there is: what it takes, reads and makes, and where in a recipe it stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from quantloom.data.recipes import across, features, labels, others, scaling, shaping, splitting
from quantloom.data.recipes.settings import Setting, Values
from quantloom.data.recipes.table import Site, Table

STAGES = (
    "clean",
    "adjust",
    "resample",
    "fill",
    "join",
    "features",
    "labels",
    "split",
    "normalise",
)
"""The order in which steps come; there may be several features, labels and normalisations."""
SEVERAL = ("features", "labels", "normalise")

Run = Callable[[Table, Values, Site], Table]


def _nothing(values: Values) -> tuple[str, ...]:  # noqa: ARG001  as every step
    return ()


def _of(values: Values) -> tuple[str, ...]:
    of = values["of"]
    return (of,) if isinstance(of, str) else tuple(of)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepKind:
    """A step as recipes may name it.

    Attributes:
        stage: one of `STAGES`.
        reads, makes: names of columns, of its settings. Labels are made apart from features.
        run: carries it out; None for the split and what follows it, which need the parts.
    """

    name: str
    stage: str
    settings: tuple[Setting, ...]
    meaning: str
    run: Run | None = None
    reads: Callable[[Values], tuple[str, ...]] = _nothing
    makes: Callable[[Values], tuple[str, ...]] = _nothing


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a recipe with everything it was told, defaults too."""

    kind: StepKind
    values: Mapping[str, Any]

    def plain(self) -> dict[str, Any]:
        """As a file says it, with every default."""
        return {"step": self.kind.name} | dict(self.values)


def _shapes() -> list[StepKind]:
    return [
        StepKind(
            name="clean",
            stage="clean",
            settings=shaping.CLEAN,
            run=shaping.clean,
            meaning="leave out bars by what they are themselves, refuse data of a low grade",
        ),
        StepKind(
            name="adjust",
            stage="adjust",
            settings=shaping.ADJUST,
            run=shaping.adjust,
            meaning="join prices over ex-days, the oldest real",
        ),
        StepKind(
            name="resample",
            stage="resample",
            settings=shaping.RESAMPLE,
            run=shaping.make_bigger,
            meaning="bigger bars by sessions and trading days",
        ),
        StepKind(
            name="fill",
            stage="fill",
            settings=shaping.FILL,
            run=shaping.fill,
            meaning="flat bars at the last close where the market was open",
        ),
        StepKind(
            name="join",
            stage="join",
            settings=shaping.JOIN,
            run=shaping.join,
            meaning="times that all symbols have, or any",
        ),
    ]


def _feature(
    name: str,
    settings: tuple[Setting, ...],
    run: Run,
    makes: Callable[[Values], tuple[str, ...]],
    *,
    meaning: str,
    reads: Callable[[Values], tuple[str, ...]] = _of,
) -> StepKind:
    return StepKind(
        name=name,
        stage="features",
        settings=settings,
        run=run,
        makes=makes,
        reads=reads,
        meaning=meaning,
    )


def _features() -> list[StepKind]:
    return [
        _feature(
            "columns",
            features.COLUMN,
            features.take_columns,
            features.column_names,
            meaning="columns of the bars, or their logarithm",
        ),
        _feature(
            "returns",
            features.RETURNS,
            features.take_returns,
            features.return_names,
            meaning="change over so many bars",
        ),
        _feature(
            "indicator",
            features.INDICATOR,
            features.take_indicator,
            features.indicator_names,
            reads=features.indicator_reads,
            meaning="any indicator of the catalog",
        ),
        _feature(
            "calendar",
            features.CALENDAR,
            features.take_calendar,
            features.calendar_names,
            reads=_nothing,
            meaning="trading day and session of a bar",
        ),
        _feature(
            "lag",
            features.LAG,
            features.take_lags,
            features.lag_names,
            meaning="what a column was before",
        ),
        _feature(
            "rolling",
            features.ROLLING,
            features.take_rolling,
            features.rolling_names,
            meaning="statistics of the last bars of a column",
        ),
        _feature(
            "cusum",
            labels.CUSUM,
            labels.take_cusum,
            labels.cusum_names,
            reads=_nothing,
            meaning="rows at which the price has moved far enough since it last did",
        ),
        _feature(
            "other",
            others.OTHER,
            others.take_other,
            others.other_names,
            reads=_nothing,
            meaning="returns and columns of another symbol, as known at the close",
        ),
        _feature(
            "rank",
            across.ACROSS,
            across.take_ranks,
            across.rank_names,
            meaning="place among the symbols of a time, 0 to 1",
        ),
        _feature(
            "cross_zscore",
            across.ACROSS,
            across.take_zscores,
            across.zscore_names,
            meaning="deviations from the mean of the symbols of a time",
        ),
    ]


def _ends() -> list[StepKind]:
    return [
        StepKind(
            name="forward_return",
            stage="labels",
            settings=labels.FORWARD,
            run=labels.label_forward,
            reads=labels.forward_reads,
            makes=labels.forward_names,
            meaning="return of the next bars",
        ),
        StepKind(
            name="triple_barrier",
            stage="labels",
            settings=labels.BARRIERS,
            run=labels.label_barriers,
            reads=labels.barrier_reads,
            makes=labels.barrier_names,
            meaning="profit, loss or time, whichever is met first",
        ),
        StepKind(
            name="split",
            stage="split",
            settings=splitting.SPLIT,
            meaning="train, valid and test by time",
        ),
        StepKind(
            name="normalise",
            stage="normalise",
            settings=scaling.NORMALISE,
            meaning="scale features by the train part",
        ),
    ]


STEPS: Mapping[str, StepKind] = MappingProxyType(
    {one.name: one for one in (*_shapes(), *_features(), *_ends())}
)
"""Every step by its name, in the order of the stages."""
