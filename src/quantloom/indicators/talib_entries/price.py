"""Prices made from the prices of a bar."""

from quantloom.indicators.talib_entries.entry import from_talib

PRICE = (
    from_talib(
        "AVGPRICE",
        "price",
        inputs=("open", "high", "low", "close"),
        description="Mean of open, high, low and close.",
        warm_up=lambda: 0,
    ),
    from_talib(
        "HA",
        "price",
        inputs=("open", "high", "low", "close"),
        outputs=("open", "high", "low", "close"),
        description=(
            "Heikin-Ashi bars: opens half way through the bar before, closes at the mean price."
        ),
        warm_up=lambda: 0,
    ),
    from_talib(
        "MEDPRICE",
        "price",
        inputs=("high", "low"),
        description="Middle of high and low.",
        warm_up=lambda: 0,
    ),
    from_talib(
        "TYPPRICE",
        "price",
        inputs=("high", "low", "close"),
        description="Typical price: mean of high, low and close.",
        warm_up=lambda: 0,
    ),
    from_talib(
        "WCLPRICE",
        "price",
        inputs=("high", "low", "close"),
        description="Mean of high, low and twice the close.",
        warm_up=lambda: 0,
    ),
)
