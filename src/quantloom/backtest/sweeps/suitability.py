"""Which runs need no whole backtest."""

from quantloom.backtest.executors import QuickWay, followed
from quantloom.backtest.facts import Facts
from quantloom.backtest.preparing import Prepared
from quantloom.backtest.spec import BacktestSpec
from quantloom.backtest.sweeps.plans import PLANS
from quantloom.simulation import Slippage
from quantloom.strategy import EquityShare, FixedSize


def why_not(prepared: Prepared) -> str:
    """What of a run the lean kernels do not know; empty where they know it all."""
    spec = prepared.spec
    against = {
        "several instruments": len(spec.instruments) > 1,
        "rules": spec.rules is not None,
        "facts such as dividends, chains or rates": prepared.facts != Facts(),
        "detail bars": prepared.detail is not None,
        "latency": spec.latency > 0,
        "interest": not spec.carry.is_nothing,
        "another currency": spec.is_exchanging,
        "an inverse swap": spec.instrument.is_inverse,
        "impact": not isinstance(spec.slippage, Slippage),
        "commission by the day of the entry": spec.commission.knows_today,
        "the sizing": not _is_plain_sizing(spec),
        "state of an earlier run": bool(spec.state),
    }
    return ", ".join(name for name, is_so in against.items() if is_so)


def quick_way_of(prepared: Prepared, engine: str = "auto") -> QuickWay | None:
    """How the core alone gives what whole backtests with an engine would; None where it cannot."""
    strategy = prepared.strategy
    if len(prepared.bars) > 1:
        return None
    means = followed(engine, strategy)
    # The presets with a plan do on a bar what their signals say, as tests hold them to.
    is_known = engine == "auto" and strategy in PLANS and prepared.spec.rules is None
    if is_known or (means == "signals" and engine in {"auto", "vectorised"}):
        return "signals"
    is_code = means == "callbacks" and strategy.is_compiled and engine in {"auto", "compiled"}
    return "compiled" if is_code else None


def _is_plain_sizing(spec: BacktestSpec) -> bool:
    if isinstance(spec.sizing, FixedSize):
        return spec.sizing.size % spec.instrument.lot == 0
    return isinstance(spec.sizing, EquityShare)
