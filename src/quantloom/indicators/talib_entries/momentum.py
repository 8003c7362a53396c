"""How fast and how far price moves, and how surely."""

from quantloom.indicators.talib_entries.entry import average, from_talib, period

MOMENTUM = (
    from_talib(
        "AC",
        "momentum",
        fastperiod=period(5, low=2, name="fast"),
        slowperiod=period(34, low=2, name="slow"),
        signalperiod=period(5, low=2, name="signal"),
        inputs=("high", "low"),
        description="Accelerator: the awesome oscillator less its own simple average.",
        warm_up=lambda fast, slow, signal: max(fast, slow) + signal - 2,
    ),
    from_talib(
        "ADX",
        "momentum",
        timeperiod=period(14, low=2),
        inputs=("high", "low", "close"),
        description="Average directional index, 0 to 100: how strong a trend is, whichever way.",
        warm_up=lambda period: 2 * period - 1,
    ),
    from_talib(
        "ADXR",
        "momentum",
        timeperiod=period(14, low=2),
        inputs=("high", "low", "close"),
        description="Mean of the average directional index now and a period ago.",
        warm_up=lambda period: 3 * period - 2,
    ),
    from_talib(
        "AO",
        "momentum",
        fastperiod=period(5, low=2, name="fast"),
        slowperiod=period(34, low=2, name="slow"),
        inputs=("high", "low"),
        description="Awesome oscillator: fast less slow simple average of the middle of the bars.",
        warm_up=lambda fast, slow, **_: max(fast, slow) - 1,
    ),
    from_talib(
        "APO",
        "momentum",
        fastperiod=period(12, low=2, name="fast"),
        slowperiod=period(26, low=2, name="slow"),
        matype=average(1),
        description=(
            "Fast less slow average, in price; the longer of fast and slow is the slow one."
        ),
        warm_up=lambda fast, slow, **_: max(fast, slow) - 1,
    ),
    from_talib(
        "AROON",
        "momentum",
        timeperiod=period(14, low=2),
        inputs=("high", "low"),
        outputs=("down", "up"),
        description="Aroon: how lately the lowest low and the highest high were, 100 meaning now.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "AROONOSC",
        "momentum",
        timeperiod=period(14, low=2),
        inputs=("high", "low"),
        description="Aroon up less Aroon down.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "BOP",
        "momentum",
        inputs=("open", "high", "low", "close"),
        description="Balance of power: close less open, as a share of the range.",
        warm_up=lambda: 0,
    ),
    from_talib(
        "CCI",
        "momentum",
        timeperiod=period(14, low=2),
        inputs=("high", "low", "close"),
        description=(
            "Commodity channel index: how far the typical price is from its average, in mean "
            "deviations."
        ),
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "CMO",
        "momentum",
        timeperiod=period(14, low=2),
        description="Chande's momentum, -100 to 100, smoothed as by Wilder.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "CMOU",
        "momentum",
        timeperiod=period(14, low=2),
        description="Chande's momentum, -100 to 100, of plain sums as he defined it.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "COPPOCK",
        "momentum",
        wmaperiod=period(10, low=1, name="average_period"),
        roc1period=period(11, low=1, name="first_change"),
        roc2period=period(14, low=1, name="second_change"),
        description="Coppock curve: weighted average of the sum of two rates of change.",
        warm_up=lambda average_period, first_change, second_change: (
            average_period - 1 + max(first_change, second_change)
        ),
    ),
    from_talib(
        "DPO",
        "momentum",
        timeperiod=period(20, low=2),
        description=(
            "Detrended price: the close half a period ago less the average now. It looks back "
            "alone."
        ),
        warm_up=lambda period: max(period - 1, period // 2 + 1),
    ),
    from_talib(
        "DX",
        "momentum",
        timeperiod=period(14, low=2),
        inputs=("high", "low", "close"),
        description="Directional index, 0 to 100: the unsmoothed ADX.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "ER",
        "momentum",
        timeperiod=period(10, low=2),
        description=(
            "Kaufman's efficiency: the net change as a share of the path, 1 being a straight line."
        ),
        warm_up=lambda period: period,
    ),
    from_talib(
        "ERI",
        "momentum",
        timeperiod=period(13, low=1),
        inputs=("high", "low", "close"),
        outputs=("bull", "bear"),
        description="Elder's ray: high and low, each less the exponential average of closes.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "FOSC",
        "momentum",
        timeperiod=period(5, low=2),
        description=(
            "Close less what a straight line through the bars before forecast, in percent of "
            "the close."
        ),
        warm_up=lambda period: period,
    ),
    from_talib(
        "FRACTAL",
        "momentum",
        leftbars=period(2, low=1, name="left"),
        rightbars=period(2, low=1, name="right"),
        inputs=("high", "low"),
        outputs=("swing_high", "swing_low"),
        description=(
            "Williams fractals: 100 on the bar that confirms a swing high or low, `right` bars "
            "after it, else 0."
        ),
        warm_up=lambda left, right: left + right,
    ),
    from_talib(
        "IMI",
        "momentum",
        timeperiod=period(14, low=2),
        inputs=("open", "close"),
        description=(
            "Intraday momentum, 0 to 100: gains of close over open as a share of gains and losses."
        ),
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "KDJ",
        "momentum",
        fastk_period=period(9, low=1, name="lookback"),
        slowk_period=period(3, low=1, name="smooth_k"),
        slowd_period=period(3, low=1, name="smooth_d"),
        inputs=("high", "low", "close"),
        outputs=("k", "d", "j"),
        description="Stochastic lines smoothed as by Wilder, and 3K - 2D.",
        warm_up=lambda lookback, smooth_k, smooth_d: lookback + smooth_k + smooth_d - 3,
    ),
    from_talib(
        "MACD",
        "momentum",
        fastperiod=period(12, low=2, name="fast"),
        slowperiod=period(26, low=2, name="slow"),
        signalperiod=period(9, low=1, name="signal"),
        outputs=("macd", "signal", "histogram"),
        description=(
            "Fast less slow exponential average, its own average, and the difference of the "
            "two; the longer of fast and slow is the slow one."
        ),
        warm_up=lambda fast, slow, signal: max(fast, slow) + signal - 2,
    ),
    from_talib(
        "MACDEXT",
        "momentum",
        fastperiod=period(12, low=2, name="fast"),
        fastmatype=average(0, "fast_average"),
        slowperiod=period(26, low=2, name="slow"),
        slowmatype=average(0, "slow_average"),
        signalperiod=period(9, low=1, name="signal"),
        signalmatype=average(0, "signal_average"),
        outputs=("macd", "signal", "histogram"),
        description="MACD of other averages: 0 simple, 1 exponential, 2 weighted.",
        warm_up=lambda fast, slow, signal, **_: max(fast, slow) + signal - 2,
    ),
    from_talib(
        "MACDFIX",
        "momentum",
        signalperiod=period(9, low=1, name="signal"),
        outputs=("macd", "signal", "histogram"),
        description="MACD of 12 and 26 bars with the fixed weights 0.15 and 0.075.",
        warm_up=lambda signal: signal + 24,
    ),
    from_talib(
        "MFI",
        "momentum",
        timeperiod=period(14, low=2),
        inputs=("high", "low", "close", "volume"),
        description="Money flow index, 0 to 100: RSI of the typical price weighed by volume.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "MINUS_DI",
        "momentum",
        timeperiod=period(14, low=1),
        inputs=("high", "low", "close"),
        description="Downward directional indicator, in percent of the true range.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "MINUS_DM",
        "momentum",
        timeperiod=period(14, low=1),
        inputs=("high", "low"),
        description="Downward directional movement, in price, summed as by Wilder.",
        warm_up=lambda period: max(period - 1, 1),
    ),
    from_talib(
        "MOM",
        "momentum",
        timeperiod=period(10, low=1),
        description="Momentum: the change of the close over the period, in price.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "PLUS_DI",
        "momentum",
        timeperiod=period(14, low=1),
        inputs=("high", "low", "close"),
        description="Upward directional indicator, in percent of the true range.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "PLUS_DM",
        "momentum",
        timeperiod=period(14, low=1),
        inputs=("high", "low"),
        description="Upward directional movement, in price, summed as by Wilder.",
        warm_up=lambda period: max(period - 1, 1),
    ),
    from_talib(
        "PPO",
        "momentum",
        fastperiod=period(12, low=2, name="fast"),
        slowperiod=period(26, low=2, name="slow"),
        matype=average(1),
        description=(
            "Fast less slow average, in percent of the slow one; the longer of fast and slow is "
            "the slow one."
        ),
        warm_up=lambda fast, slow, **_: max(fast, slow) - 1,
    ),
    from_talib(
        "QSTICK",
        "momentum",
        timeperiod=period(10, low=1),
        inputs=("open", "close"),
        description="Average of close less open.",
        warm_up=lambda period: period - 1,
    ),
    from_talib(
        "ROC",
        "momentum",
        timeperiod=period(10, low=1),
        description="Rate of change over the period, in percent: 2.0 means +2 %.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "ROCP",
        "momentum",
        timeperiod=period(10, low=1),
        description="Rate of change over the period, as a ratio: 0.02 means +2 %.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "ROCR",
        "momentum",
        timeperiod=period(10, low=1),
        description="Close over the close a period ago: 1.02 means +2 %.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "ROCR100",
        "momentum",
        timeperiod=period(10, low=1),
        description="Close in percent of the close a period ago: 102 means +2 %.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "RSI",
        "momentum",
        timeperiod=period(14, low=2),
        description="Relative strength index, 0 to 100, smoothed as by Wilder.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "SMI",
        "momentum",
        timeperiod=period(13, low=2),
        fastperiod=period(2, low=2, name="fast"),
        slowperiod=period(25, low=2, name="slow"),
        signalperiod=period(9, low=2, name="signal"),
        inputs=("high", "low", "close"),
        outputs=("smi", "signal"),
        description=(
            "Blau's stochastic momentum: where the close is around the middle of its range, "
            "smoothed twice."
        ),
        warm_up=lambda period, fast, slow, signal: period + fast + slow + signal - 4,
    ),
    from_talib(
        "STOCH",
        "momentum",
        fastk_period=period(5, low=1, name="lookback"),
        slowk_period=period(3, low=1, name="smooth_k"),
        slowd_period=period(3, low=1, name="smooth_d"),
        inputs=("high", "low", "close"),
        outputs=("k", "d"),
        description=(
            "Slow stochastic, 0 to 100: where the close is in its range, smoothed, and its average."
        ),
        warm_up=lambda lookback, smooth_k, smooth_d: lookback + smooth_k + smooth_d - 3,
    ),
    from_talib(
        "STOCHF",
        "momentum",
        fastk_period=period(5, low=1, name="lookback"),
        fastd_period=period(3, low=1, name="smooth_d"),
        inputs=("high", "low", "close"),
        outputs=("k", "d"),
        description="Fast stochastic, 0 to 100: where the close is in its range, and its average.",
        warm_up=lambda lookback, smooth_d: lookback + smooth_d - 2,
    ),
    from_talib(
        "STOCHRSI",
        "momentum",
        timeperiod=period(14, low=2),
        fastk_period=period(5, low=1, name="lookback"),
        fastd_period=period(3, low=1, name="smooth_d"),
        outputs=("k", "d"),
        description="Fast stochastic of the relative strength index.",
        warm_up=lambda period, lookback, smooth_d: period + lookback + smooth_d - 2,
    ),
    from_talib(
        "TRIX",
        "momentum",
        timeperiod=period(30, low=1),
        description="Change of a triple exponential average from one bar to the next, in percent.",
        warm_up=lambda period: 3 * (period - 1) + 1,
    ),
    from_talib(
        "TSI",
        "momentum",
        firstperiod=period(25, low=2, name="first"),
        secondperiod=period(13, low=2, name="second"),
        description="True strength, -100 to 100: changes of the close, smoothed twice.",
        warm_up=lambda first, second: first + second - 1,
    ),
    from_talib(
        "ULTOSC",
        "momentum",
        timeperiod1=period(7, low=1, name="short"),
        timeperiod2=period(14, low=1, name="middle"),
        timeperiod3=period(28, low=1, name="long"),
        inputs=("high", "low", "close"),
        description="Ultimate oscillator, 0 to 100: buying pressure over three periods.",
        warm_up=lambda **periods: max(periods.values()),
    ),
    from_talib(
        "VHF",
        "momentum",
        timeperiod=period(28, low=2),
        description="Vertical horizontal filter: range of the closes as a share of their path.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "VORTEX",
        "momentum",
        timeperiod=period(14, low=1),
        inputs=("high", "low", "close"),
        outputs=("plus", "minus"),
        description="Vortex: upward and downward movement as shares of the true range.",
        warm_up=lambda period: period,
    ),
    from_talib(
        "WAD",
        "momentum",
        inputs=("high", "low", "close"),
        description=(
            "Williams' accumulation and distribution, by price alone, from the first bar on."
        ),
        warm_up=lambda: 0,
    ),
    from_talib(
        "WILLR",
        "momentum",
        timeperiod=period(14, low=2),
        inputs=("high", "low", "close"),
        description="Williams' percent range, -100 to 0: where the close is in its range.",
        warm_up=lambda period: period - 1,
    ),
)
