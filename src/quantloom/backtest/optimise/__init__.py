"""Search for parameters: what to try, how to run it, and how far the winner is to be believed."""

from quantloom.backtest.optimise.constraints import BadConstraint, Constraint
from quantloom.backtest.optimise.curves import Curve
from quantloom.backtest.optimise.evaluate import HereEvaluator, Job
from quantloom.backtest.optimise.folds import Folds
from quantloom.backtest.optimise.keeping import load_any
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
from quantloom.backtest.optimise.searching import (
    EverySetFails,
    JudgedAmongFewer,
    Notify,
    OptimisationProgress,
)
from quantloom.backtest.optimise.spaces import (
    AnySpan,
    Axis,
    BadSpace,
    Choice,
    NothingAllowed,
    Space,
    space_of,
)
from quantloom.backtest.optimise.spec import BadStudy, EarlyStop, StudySpec
from quantloom.backtest.optimise.store import (
    CorruptStudy,
    NoStudy,
    OtherStudy,
    StudyBusy,
    list_studies,
    read_study,
)
from quantloom.backtest.optimise.study import Limits, SetGroup, Study
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
from quantloom.backtest.optimise.validating import (
    CrossValidation,
    cross_validate,
    load_validation,
    validate_study,
)
from quantloom.backtest.optimise.walked import WalkForward, WindowOutcome
from quantloom.backtest.optimise.walking import (
    NotifyWindow,
    load_walk,
    study_windows,
    walk_forward,
    walk_study,
)
from quantloom.backtest.optimise.windows import Length, Window, make_windows

__all__ = [
    "METHODS",
    "AnySpan",
    "Axis",
    "BadConstraint",
    "BadObjective",
    "BadSpace",
    "BadStudy",
    "Choice",
    "Constraint",
    "CorruptStudy",
    "CrossValidation",
    "Curve",
    "Daily",
    "EarlyStop",
    "Evaluator",
    "EverySetFails",
    "Folds",
    "HereEvaluator",
    "Job",
    "JudgedAmongFewer",
    "Length",
    "Limits",
    "Method",
    "NoStudy",
    "NotCarried",
    "NothingAllowed",
    "NothingFound",
    "Notify",
    "NotifyWindow",
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
    "WalkForward",
    "Window",
    "WindowOutcome",
    "WorkersDie",
    "cross_validate",
    "explore",
    "list_studies",
    "load_any",
    "load_study",
    "load_validation",
    "load_walk",
    "make_study",
    "make_windows",
    "merge_groups",
    "optimise",
    "pareto_front",
    "read_study",
    "space_of",
    "study_windows",
    "validate_study",
    "walk_forward",
    "walk_study",
]
