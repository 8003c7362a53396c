"""Ehlers' cycles, by the Hilbert transform."""

from quantloom.indicators.talib_entries.entry import from_talib

CYCLE = (
    from_talib(
        "HT_DCPERIOD",
        "cycle",
        description="Length of the dominant cycle, in bars.",
        warm_up=lambda: 32,
    ),
    from_talib(
        "HT_DCPHASE",
        "cycle",
        description="Phase of the dominant cycle, in degrees.",
        warm_up=lambda: 63,
    ),
    from_talib(
        "HT_PHASOR",
        "cycle",
        outputs=("in_phase", "quadrature"),
        description="In-phase and quadrature parts of the dominant cycle.",
        warm_up=lambda: 32,
    ),
    from_talib(
        "HT_SINE",
        "cycle",
        outputs=("sine", "lead"),
        description="Sine of the phase, and the same an eighth of a cycle ahead.",
        warm_up=lambda: 63,
    ),
    from_talib(
        "HT_TRENDMODE",
        "cycle",
        description="1 in a trend, 0 in a cycle.",
        warm_up=lambda: 63,
    ),
)
