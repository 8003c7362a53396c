"""A run of a strategy that gives weights: by the compiled core where it knows enough."""

from collections.abc import Callable

from quantloom.backtest.callbacks import check_heard
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.event import Progress, StrategyFailed, run_event
from quantloom.backtest.portfolio.paneling import opens_of, panel_of
from quantloom.backtest.portfolio.scope import is_plain
from quantloom.backtest.spec import BacktestSpec
from quantloom.errors import QuantloomError
from quantloom.strategy import BadWeights, Panel, Strategy, WeightFollower, Weights
from quantloom.strategy.loading import describe


def run_weights(
    running: Strategy,
    make_desk: Callable[[], BarDesk],
    spec: BacktestSpec,
    *,
    by_core: bool,
    progress: Progress | None = None,
) -> tuple[BarDesk, str]:
    """Ask for weights and follow them.

    Args:
        make_desk: makes a desk that has not run.
        by_core: whether the core makes the run where it knows all that is asked for.
    Returns:
        The desk with what happened, and the executor that made it: `portfolio` or `event`.
    Raises:
        StrategyFailed: `generate_weights` raised.
        BadWeights: what it gave does not fit the run.
    """
    check_heard(running, has_timers=False, has_state=bool(spec.state))
    if spec.state:
        running.restore_state(spec.state)
    desk = make_desk()
    panel = panel_of([*desk.feeds.values()], desk.timeline, first=desk.first_step)
    desk.said = weights = ask(running, panel)
    if by_core and is_known(spec, desk):
        from quantloom.backtest.portfolio.booking import book  # noqa: PLC0415  loads numba
        from quantloom.backtest.portfolio.simulating import (  # noqa: PLC0415
            ground_of,
            simulate,
        )

        ground = ground_of(panel, spec, opens_of([*desk.feeds.values()], desk.timeline))
        journal = simulate(ground, weights, first=desk.first_step)
        if book(desk, spec, weights, journal):
            if progress is not None:
                progress(len(panel), len(panel))
            return desk, "portfolio"
        desk = make_desk()
        desk.said = weights
    follower = WeightFollower(weights, steps=len(panel), first=desk.first_step)
    run_event(follower, desk, progress)
    return desk, "event"


def ask(running: Strategy, panel: Panel) -> Weights:
    """The weights of a strategy, fit for the panel."""
    try:
        given: object = running.generate_weights(panel)
    except QuantloomError:
        raise
    except (Exception, SystemExit, GeneratorExit) as error:
        path = type(running).generate_weights.__code__.co_filename
        raise StrategyFailed(
            type(running).__name__, "generate_weights", "the start", describe(error, path)
        ) from error
    if not isinstance(given, Weights):
        name = type(running).__name__
        raise BadWeights(
            f"{name}.generate_weights gave {type(given).__name__}; return quantloom.strategy."
            "Weights, which panel.decide makes"
        )
    panel.check(given)
    return given


def is_known(spec: BacktestSpec, desk: BarDesk) -> bool:
    """Whether the core knows all that a run asks for; the event engine runs what it does not."""
    has_facts = any(feed.shifts or feed.detail is not None for feed in desk.feeds.values())
    return not (has_facts or desk.due) and is_plain(spec)
