"""Which runs the lean kernels know all about."""

from quantloom.backtest.facts import Facts
from quantloom.backtest.preparing import Prepared
from quantloom.backtest.spec import BacktestSpec
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


def _is_plain_sizing(spec: BacktestSpec) -> bool:
    if isinstance(spec.sizing, FixedSize):
        return spec.sizing.size % spec.instrument.lot == 0
    return isinstance(spec.sizing, EquityShare)
