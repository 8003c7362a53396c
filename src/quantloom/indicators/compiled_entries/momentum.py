"""How strong a move is, and who prevails."""

from quantloom.indicators.compiled_entries.entry import (
    OHLC,
    PRICES,
    from_kernel,
    number,
    period,
    ranges,
)

MOMENTUM = (
    from_kernel(
        "ARBR",
        "sentiment.arbr",
        "momentum",
        period(26, low=1),
        inputs=OHLC,
        outputs=("ar", "br"),
        description=(
            "What highs rose above opens in percent of what lows fell below them, and the same of "
            "closes before; 100 where nothing fell."
        ),
        source="convention of Chinese terminals",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "BIAS",
        "sentiment.bias",
        "momentum",
        period(6, low=1),
        description="How far the close is from its simple moving average, in percent of that.",
        source="convention of Chinese terminals",
        warm_up=lambda period: period - 1,
    ),
    from_kernel(
        "CENTER_OF_GRAVITY",
        "sentiment.center_of_gravity",
        "momentum",
        period(10, low=1),
        description=(
            "Where in the period the weight of the closes lies, in bars after its middle: above 0 "
            "where the newer ones are higher."
        ),
        source="John F. Ehlers, The CG Oscillator (2002)",
        warm_up=lambda period: period - 1,
    ),
    from_kernel(
        "CHOP",
        "sentiment.chop",
        "momentum",
        period(14, low=2),
        inputs=PRICES,
        description=(
            "Choppiness, 0 to 100: how much longer the way was than the range it stayed in; 100 "
            "for prices that stood still."
        ),
        source="E. W. Dreiss (1993); numbers of Stock.Indicators",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "CONNORS_RSI",
        "oscillators.connors_rsi",
        "momentum",
        period(3, low=1, name="rsi_period"),
        period(2, low=1, name="streak_period"),
        period(100, low=1, name="rank_period"),
        description=(
            "Mean of three, 0 to 100: the strength of closes, that of the streak of rises or "
            "falls, and the rank of the last change. An update costs more the longer the rank."
        ),
        source="Connors and Alvarez, An Introduction to ConnorsRSI (2012); as Stock.Indicators",
        warm_up=lambda rsi_period, streak_period, rank_period: max(
            rsi_period, streak_period, rank_period + 1
        ),
    ),
    from_kernel(
        "CR",
        "sentiment.cr",
        "momentum",
        period(26, low=1),
        inputs=("high", "low"),
        description=(
            "What highs rose above the middle of the bar before in percent of what lows fell below "
            "it; 100 where nothing fell."
        ),
        source="convention of Chinese terminals",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "DMA",
        "sentiment.dma",
        "momentum",
        period(10, low=1, name="fast"),
        period(50, low=1, name="slow"),
        period(10, low=1, name="signal"),
        outputs=("value", "signal"),
        description="Fast less slow simple moving average, and its own average, in price.",
        source="convention of Chinese terminals",
        warm_up=lambda fast, slow, signal: max(fast, slow) + signal - 2,
    ),
    from_kernel(
        "FISHER",
        "oscillators.fisher",
        "momentum",
        period(10, low=1),
        inputs=("high", "low"),
        outputs=("value", "trigger"),
        description=(
            "Fisher transform of where the middle price lies in its range, and its value one bar "
            "before; a flat range counts as its middle."
        ),
        source=(
            "John F. Ehlers, Using the Fisher Transform (2002); Stock.Indicators' numbers, once "
            "its start from the first bar is forgotten"
        ),
        warm_up=lambda period: period,
    ),
    from_kernel(
        "GATOR",
        "sentiment.gator",
        "momentum",
        period(13, low=1, name="jaw"),
        period(8, low=1, name="teeth"),
        period(5, low=1, name="lips"),
        period(8, low=1, name="jaw_shift"),
        period(5, low=1, name="teeth_shift"),
        period(3, low=1, name="lips_shift"),
        inputs=("high", "low"),
        outputs=("upper", "lower"),
        description=(
            "How far the alligator's jaw is from its teeth, and below 0 how far those are from its "
            "lips, in price."
        ),
        source="Bill Williams, New Trading Dimensions (1998); numbers of Stock.Indicators",
        warm_up=lambda jaw, teeth, lips, jaw_shift, teeth_shift, lips_shift: (
            max(jaw + jaw_shift, teeth + teeth_shift, lips + lips_shift) - 1
        ),
    ),
    from_kernel(
        "KST",
        "oscillators.kst",
        "momentum",
        period(10, low=1, name="change_1"),
        period(15, low=1, name="change_2"),
        period(20, low=1, name="change_3"),
        period(30, low=1, name="change_4"),
        period(10, low=1, name="average_1"),
        period(10, low=1, name="average_2"),
        period(10, low=1, name="average_3"),
        period(15, low=1, name="average_4"),
        period(9, low=1, name="signal"),
        outputs=("value", "signal"),
        description=(
            "Know sure thing: four smoothed rates of change, in percent, weighed 1 to 4, and the "
            "average of their sum."
        ),
        source="Martin Pring, Stocks & Commodities (1992)",
        warm_up=lambda signal, **lengths: (
            max(lengths[f"change_{rank}"] + lengths[f"average_{rank}"] for rank in (1, 2, 3, 4))
            + signal
            - 2
        ),
    ),
    from_kernel(
        "LAGUERRE_RSI",
        "oscillators.laguerre_rsi",
        "momentum",
        number("gamma", 0.5, low=0.0, high=0.999),
        description=(
            "Relative strength between the stages of a Laguerre filter, 0 to 100; 50 where nothing "
            "has moved."
        ),
        source="John F. Ehlers, Cybernetic Analysis for Stocks and Futures (2004), times 100",
        warm_up=lambda **_: 0,
    ),
    from_kernel(
        "PGO",
        "oscillators.pgo",
        "momentum",
        period(14, low=1),
        inputs=PRICES,
        description=(
            "Pretty good oscillator: how far the close is from its average, in average true "
            "ranges; 0 where there is no range."
        ),
        source="Mark Johnson (1990s)",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "PMO",
        "oscillators.pmo",
        "momentum",
        period(35, low=2, name="first"),
        period(20, low=2, name="second"),
        period(10, low=1, name="signal"),
        outputs=("value", "signal"),
        description=(
            "Price momentum: the change of the close in percent, times 10, smoothed twice, and "
            "its average."
        ),
        source="Carl Swenlin, DecisionPoint; numbers of Stock.Indicators",
        warm_up=lambda first, second, signal: first + second + signal - 2,
    ),
    from_kernel(
        "PSY",
        "sentiment.psy",
        "momentum",
        period(12, low=1),
        period(6, low=1, name="signal"),
        outputs=("value", "signal"),
        description="Psychological line: percentage of closes that rose, and its average.",
        source="convention of Chinese terminals",
        warm_up=lambda period, signal: period + signal - 1,
    ),
    from_kernel(
        "QQE",
        "oscillators.qqe",
        "momentum",
        period(14, low=1),
        period(5, low=1, name="smoothing"),
        number("factor", 4.236, low=0.0, high=100.0),
        outputs=("value", "stop"),
        description=(
            "Smoothed relative strength, 0 to 100, and a stop that trails it by its own average "
            "range."
        ),
        source="Igor Livshin (2000s), in the form usual on TradingView",
        warm_up=lambda period, smoothing, **_: 5 * period + smoothing - 4,
    ),
    from_kernel(
        "RVGI",
        "oscillators.rvgi",
        "momentum",
        period(10, low=1),
        inputs=OHLC,
        outputs=("value", "signal"),
        description=(
            "Relative vigor: closes less opens over highs less lows, both smoothed and summed, and "
            "its average; 0 where there is no range."
        ),
        source="John F. Ehlers, Relative Vigor Index (2002)",
        warm_up=lambda period: period + 5,
    ),
    from_kernel(
        "SQUEEZE",
        "sentiment.squeeze",
        "momentum",
        period(20, low=2),
        number("deviations", 2.0, low=0.0, high=100.0),
        ranges(1.5),
        inputs=PRICES,
        outputs=("momentum", "on"),
        description=(
            "End of a straight line through the close less its middle, in price, and 1 while "
            "Bollinger's bands lie inside ranges around the same average, otherwise 0."
        ),
        source="John Carter, Mastering the Trade (2005), with LazyBear's momentum",
        warm_up=lambda period, **_: 2 * period - 2,
    ),
    from_kernel(
        "STC",
        "oscillators.stc",
        "momentum",
        period(10, low=1, name="cycle"),
        period(23, low=1, name="fast"),
        period(50, low=1, name="slow"),
        number("factor", 0.5, low=0.01, high=1.0),
        description=(
            "Schaff trend cycle, 0 to 100: where the gap of two averages lies in its range, taken "
            "and smoothed twice; a flat range leaves it as it was, 50 at first."
        ),
        source="Doug Schaff (1999); other than Stock.Indicators, which smooths once",
        warm_up=lambda cycle, fast, slow, **_: max(fast, slow) + 2 * cycle - 3,
    ),
    from_kernel(
        "TD_SETUP",
        "sentiment.td_setup",
        "momentum",
        period(4, low=1, name="lookback"),
        description=(
            "Closes in a row above the close `lookback` bars before, or below it as a number below "
            "0; it goes on past 9."
        ),
        source="Tom DeMark, The New Science of Technical Analysis (1994)",
        warm_up=lambda lookback: lookback,
    ),
    from_kernel(
        "WAVETREND",
        "oscillators.wavetrend",
        "momentum",
        period(10, low=1, name="channel"),
        period(21, low=1, name="average"),
        period(4, low=1, name="signal"),
        inputs=PRICES,
        outputs=("value", "signal"),
        description=(
            "Smoothed distance of the typical price from its average in units of the usual one, "
            "and its own average; 0 where prices stand still."
        ),
        source="LazyBear, on TradingView (2014)",
        warm_up=lambda channel, average, signal: 2 * channel + average + signal - 4,
    ),
)
