"""A run of a strategy that gives weights: by the compiled core where it knows enough."""

from collections.abc import Callable

import numpy as np

from quantloom.backtest.callbacks import ON_TIME, check_heard, overrides
from quantloom.backtest.desk import BarDesk
from quantloom.backtest.event import Progress, StrategyFailed, run_event
from quantloom.backtest.portfolio.paneling import panel_of
from quantloom.backtest.spec import BacktestSpec
from quantloom.errors import QuantloomError
from quantloom.kit import IntArray
from quantloom.simulation import Slippage, VolumeShareSlippage
from quantloom.strategy import BadWeights, Panel, Strategy, WeightFollower, Weights
from quantloom.strategy.loading import describe


def gives_weights(strategy: Strategy) -> bool:
    """Whether a strategy says what to hold instead of acting on bars."""
    acts = any(overrides(strategy, name) for name in ON_TIME)
    return overrides(strategy, "generate_weights") and not acts


def run_weights(
    running: Strategy,
    make_desk: Callable[[], BarDesk],
    spec: BacktestSpec,
    progress: Progress | None = None,
) -> tuple[BarDesk, str]:
    """Ask for weights and follow them.

    Args:
        make_desk: makes a desk that has not run.
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
    panel = panel_of([*desk.feeds.values()], desk.timeline)
    weights = ask(running, panel)
    if is_known(spec, desk):
        from quantloom.backtest.portfolio.booking import book  # noqa: PLC0415  loads numba
        from quantloom.backtest.portfolio.simulating import simulate  # noqa: PLC0415

        journal = simulate(
            panel, weights, spec, first=desk.first_step, opens_ns=_opens_of_bars(desk)
        )
        if book(desk, spec, weights, journal):
            if progress is not None:
                progress(len(panel), len(panel))
            return desk, "portfolio"
        desk = make_desk()
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


def is_plain(spec: BacktestSpec) -> bool:
    """Whether the core knows all that is set."""
    return (
        spec.rules is None
        and spec.carry.is_nothing
        and not spec.is_exchanging
        and not spec.latency
        and not spec.commission.knows_today
        and not any(one.is_inverse for one in spec.instruments)
        and isinstance(spec.slippage, Slippage | VolumeShareSlippage)
    )


def _opens_of_bars(desk: BarDesk) -> IntArray | None:
    """(n, m) when the bars of each step open; None where all open together."""
    timeline = desk.timeline
    if timeline.is_aligned:
        return None
    opens = [
        feed.bars.ts[np.maximum(timeline.rows[:, place], 0)]
        for place, feed in enumerate(desk.feeds.values())
    ]
    return np.column_stack(opens)
