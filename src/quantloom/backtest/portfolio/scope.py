"""What the compiled core knows of a run's settings."""

from quantloom.backtest.spec import BacktestSpec
from quantloom.simulation import Slippage, VolumeShareSlippage


def is_plain(spec: BacktestSpec) -> bool:
    """Whether the core knows all that is set; the event engine runs what it does not."""
    return (
        spec.rules is None
        and spec.carry.is_nothing
        and not spec.is_exchanging
        and not spec.latency
        and not spec.commission.knows_today
        and not any(one.is_inverse for one in spec.instruments)
        and isinstance(spec.slippage, Slippage | VolumeShareSlippage)
    )
