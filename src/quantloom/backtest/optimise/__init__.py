"""Search for parameters: what to try, how to run it, and how far the winner is to be believed."""

from quantloom.backtest.optimise.constraints import BadConstraint, Constraint
from quantloom.backtest.optimise.evaluate import HereEvaluator, Job
from quantloom.backtest.optimise.merging import merge_groups
from quantloom.backtest.optimise.pool import NotCarried, PoolEvaluator, WorkersDie
from quantloom.backtest.optimise.result import NothingFound, OptimisationResult, load_study
from quantloom.backtest.optimise.running import explore, make_study, optimise
from quantloom.backtest.optimise.samplers import (
    METHODS,
    Method,
    OptimiseExtraMissing,
    UnknownMethod,
)
from quantloom.backtest.optimise.spaces import Axis, BadSpace, Choice, Space, space_of
from quantloom.backtest.optimise.store import (
    CorruptStudy,
    NoStudy,
    OtherStudy,
    StudyBusy,
    list_studies,
)
from quantloom.backtest.optimise.study import (
    BadStudy,
    EarlyStop,
    EverySetFails,
    Limits,
    OptimisationProgress,
    SetGroup,
    Study,
    StudySpec,
)
from quantloom.backtest.optimise.surface import Surface
from quantloom.backtest.optimise.trial import (
    BadObjective,
    Daily,
    Evaluator,
    Objective,
    Span,
    Trial,
    pareto_front,
)

__all__ = [
    "METHODS",
    "Axis",
    "BadConstraint",
    "BadObjective",
    "BadSpace",
    "BadStudy",
    "Choice",
    "Constraint",
    "CorruptStudy",
    "Daily",
    "EarlyStop",
    "Evaluator",
    "EverySetFails",
    "HereEvaluator",
    "Job",
    "Limits",
    "Method",
    "NoStudy",
    "NotCarried",
    "NothingFound",
    "Objective",
    "OptimisationProgress",
    "OptimisationResult",
    "OptimiseExtraMissing",
    "OtherStudy",
    "PoolEvaluator",
    "SetGroup",
    "Space",
    "Span",
    "Study",
    "StudyBusy",
    "StudySpec",
    "Surface",
    "Trial",
    "UnknownMethod",
    "WorkersDie",
    "explore",
    "list_studies",
    "load_study",
    "make_study",
    "merge_groups",
    "optimise",
    "pareto_front",
    "space_of",
]
