"""Candle patterns: 100 where a bullish one ends, -100 where a bearish one does, else 0."""

from quantloom.indicators.definition import IndicatorDefinition
from quantloom.indicators.talib_entries.entry import from_talib, share
from quantloom.market.bars import PRICES


def _pattern(
    name: str, description: str, warm_up: int, *, depth: float | None = None
) -> IndicatorDefinition:
    # Some ask how deep one body must reach into another.
    parameters = {} if depth is None else {"penetration": share(depth, "penetration")}
    return from_talib(
        name,
        "pattern",
        inputs=PRICES,
        description=description,
        warm_up=lambda **_: warm_up,
        outputs=("value",),
        **parameters,
    )


PATTERN = (
    _pattern("CDL2CROWS", "Two crows, bearish.", 12),
    _pattern("CDL3BLACKCROWS", "Three black crows, bearish.", 13),
    _pattern("CDL3INSIDE", "Three inside up or down.", 12),
    _pattern("CDL3LINESTRIKE", "Three-line strike, up or down.", 8),
    _pattern("CDL3OUTSIDE", "Three outside up or down.", 3),
    _pattern("CDL3STARSINSOUTH", "Three stars in the south, bullish.", 12),
    _pattern("CDL3WHITESOLDIERS", "Three advancing white soldiers, bullish.", 12),
    _pattern("CDLABANDONEDBABY", "Abandoned baby, up or down.", 12, depth=0.3),
    _pattern("CDLADVANCEBLOCK", "Advance block, bearish.", 12),
    _pattern("CDLBELTHOLD", "Belt hold, up or down.", 10),
    _pattern("CDLBREAKAWAY", "Breakaway, up or down.", 14),
    _pattern("CDLCLOSINGMARUBOZU", "Closing marubozu: no shadow where it closes.", 10),
    _pattern("CDLCONCEALBABYSWALL", "Concealing baby swallow, bullish.", 13),
    _pattern("CDLCOUNTERATTACK", "Counterattack, up or down.", 11),
    _pattern("CDLDARKCLOUDCOVER", "Dark cloud cover, bearish.", 11, depth=0.5),
    _pattern("CDLDOJI", "Doji: close at the open.", 10),
    _pattern("CDLDOJISTAR", "Doji star, up or down.", 11),
    _pattern("CDLDRAGONFLYDOJI", "Dragonfly doji: no upper shadow.", 10),
    _pattern("CDLENGULFING", "Engulfing, up or down; 80 where one end of the bodies is equal.", 2),
    _pattern("CDLEVENINGDOJISTAR", "Evening doji star, bearish.", 12, depth=0.3),
    _pattern("CDLEVENINGSTAR", "Evening star, bearish.", 12, depth=0.3),
    _pattern("CDLGAPSIDESIDEWHITE", "Two white bars side by side after a gap, up or down.", 7),
    _pattern("CDLGRAVESTONEDOJI", "Gravestone doji: no lower shadow.", 10),
    _pattern("CDLHAMMER", "Hammer, bullish.", 11),
    _pattern("CDLHANGINGMAN", "Hanging man, bearish.", 11),
    _pattern("CDLHARAMI", "Harami, up or down; 80 where one end of the bodies is equal.", 11),
    _pattern(
        "CDLHARAMICROSS", "Harami cross, up or down; 80 where one end of the bodies is equal.", 11
    ),
    _pattern("CDLHIGHWAVE", "High wave: long shadows, coloured as the bar.", 10),
    _pattern("CDLHIKKAKE", "Hikkake, up or down; 200 where the next bars confirm it.", 5),
    _pattern(
        "CDLHIKKAKEMOD", "Modified hikkake, up or down; 200 where the next bars confirm it.", 10
    ),
    _pattern("CDLHOMINGPIGEON", "Homing pigeon, bullish.", 11),
    _pattern("CDLIDENTICAL3CROWS", "Identical three crows, bearish.", 12),
    _pattern("CDLINNECK", "In-neck, bearish.", 11),
    _pattern("CDLINVERTEDHAMMER", "Inverted hammer, bullish.", 11),
    _pattern("CDLKICKING", "Kicking, up or down.", 11),
    _pattern("CDLKICKINGBYLENGTH", "Kicking, up or down as the longer marubozu.", 11),
    _pattern("CDLLADDERBOTTOM", "Ladder bottom, bullish.", 14),
    _pattern("CDLLONGLEGGEDDOJI", "Long-legged doji: long shadows.", 10),
    _pattern("CDLLONGLINE", "Long line, coloured as the bar.", 10),
    _pattern("CDLMARUBOZU", "Marubozu: no shadows, coloured as the bar.", 10),
    _pattern("CDLMATCHINGLOW", "Matching low, bullish.", 6),
    _pattern("CDLMATHOLD", "Mat hold, bullish.", 14, depth=0.5),
    _pattern("CDLMORNINGDOJISTAR", "Morning doji star, bullish.", 12, depth=0.3),
    _pattern("CDLMORNINGSTAR", "Morning star, bullish.", 12, depth=0.3),
    _pattern("CDLONNECK", "On-neck, bearish.", 11),
    _pattern("CDLPIERCING", "Piercing line, bullish.", 11),
    _pattern("CDLRICKSHAWMAN", "Rickshaw man: a doji in the middle of long shadows.", 10),
    _pattern("CDLRISEFALL3METHODS", "Rising or falling three methods.", 14),
    _pattern("CDLSEPARATINGLINES", "Separating lines, up or down.", 11),
    _pattern("CDLSHOOTINGSTAR", "Shooting star, bearish.", 11),
    _pattern("CDLSHORTLINE", "Short line, coloured as the bar.", 10),
    _pattern(
        "CDLSPINNINGTOP", "Spinning top: a small body in long shadows, coloured as the bar.", 10
    ),
    _pattern("CDLSTALLEDPATTERN", "Stalled advance, bearish.", 12),
    _pattern("CDLSTICKSANDWICH", "Stick sandwich, bullish.", 7),
    _pattern("CDLTAKURI", "Takuri: a dragonfly doji with a very long lower shadow.", 10),
    _pattern("CDLTASUKIGAP", "Tasuki gap, up or down.", 7),
    _pattern("CDLTHRUSTING", "Thrusting, bearish.", 11),
    _pattern("CDLTRISTAR", "Tristar, up or down.", 12),
    _pattern("CDLUNIQUE3RIVER", "Unique three rivers, bullish.", 12),
    _pattern("CDLUPSIDEGAP2CROWS", "Upside gap two crows, bearish.", 12),
    _pattern("CDLXSIDEGAP3METHODS", "Gap three methods, up or down.", 2),
)
