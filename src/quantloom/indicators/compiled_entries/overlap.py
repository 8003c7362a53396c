"""Averages, bands, channels and stops that are drawn over the price."""

from quantloom.indicators.compiled_entries.entry import (
    PRICES,
    from_kernel,
    number,
    period,
    ranges,
)

OVERLAP = (
    from_kernel(
        "ALLIGATOR",
        "averages.alligator",
        "overlap",
        period(13, low=1, name="jaw"),
        period(8, low=1, name="teeth"),
        period(5, low=1, name="lips"),
        period(8, low=1, name="jaw_shift"),
        period(5, low=1, name="teeth_shift"),
        period(3, low=1, name="lips_shift"),
        inputs=("high", "low"),
        outputs=("jaw", "teeth", "lips"),
        description=(
            "Three of Wilder's averages of the middle price, each as it stood some bars before, "
            "in price."
        ),
        source="Bill Williams, Trading Chaos (1995); numbers of Stock.Indicators",
        warm_up=lambda jaw, teeth, lips, jaw_shift, teeth_shift, lips_shift: (
            max(jaw + jaw_shift, teeth + teeth_shift, lips + lips_shift) - 1
        ),
    ),
    from_kernel(
        "ALMA",
        "averages.alma",
        "overlap",
        period(9, low=1),
        number("offset", 0.85, low=0.0, high=1.0),
        number("sigma", 6.0, low=0.1, high=100.0),
        description=(
            "Arnaud Legoux average, in price: weights of a bell that is centred at the offset, 1 "
            "being the newest close. An update costs more the longer the period."
        ),
        source="Arnaud Legoux and Dimitrios Kouzis-Loukas (2009); numbers of Stock.Indicators",
        warm_up=lambda period, **_: period - 1,
    ),
    from_kernel(
        "ATR_BANDS",
        "bands.atr_bands",
        "overlap",
        period(14, low=1),
        ranges(3.0),
        inputs=PRICES,
        outputs=("upper", "lower"),
        description="The close, and Wilder's average true ranges above and below it, in price.",
        source="convention; the average is TA-Lib's ATR",
        warm_up=lambda period, **_: period,
    ),
    from_kernel(
        "ATR_STOP",
        "bands.atr_stop",
        "overlap",
        period(21, low=1),
        ranges(3.0),
        inputs=PRICES,
        outputs=("stop", "trend"),
        description=(
            "Trailing stop, in price, average true ranges from the close, and its side: 1 long, "
            "-1 short."
        ),
        source="J. Welles Wilder, New Concepts (1978); numbers of Stock.Indicators, by the close",
        warm_up=lambda period, **_: period,
    ),
    from_kernel(
        "CHANDELIER",
        "bands.chandelier",
        "overlap",
        period(22, low=1),
        ranges(3.0),
        inputs=PRICES,
        outputs=("long", "short"),
        description=(
            "Exits for a long and a short position, in price: average true ranges from the "
            "highest high and the lowest low."
        ),
        source="Chuck LeBeau, in Elder, Come Into My Trading Room (2002); as Stock.Indicators",
        warm_up=lambda period, **_: period,
    ),
    from_kernel(
        "ENVELOPE",
        "bands.envelope",
        "overlap",
        period(20, low=1),
        number("percent", 2.5, low=0.0, high=100.0),
        outputs=("upper", "middle", "lower"),
        description="Simple moving average, and lines a percentage above and below it, in price.",
        source="convention; numbers of Stock.Indicators",
        warm_up=lambda period, **_: period - 1,
    ),
    from_kernel(
        "EVWMA",
        "averages.evwma",
        "overlap",
        period(20, low=1),
        inputs=("close", "volume"),
        description=(
            "Elastic average, in price: each bar moves it by the bar's share of the volume of the "
            "period; it stays where nothing was traded."
        ),
        source="Christian P. Fries, Elastic Moving Averages (2001), started from a close",
        warm_up=lambda period: period - 1,
    ),
    from_kernel(
        "FRAMA",
        "averages.frama",
        "overlap",
        period(8, low=1, name="half_period"),
        inputs=("high", "low"),
        description=(
            "Fractal adaptive average of the middle price over twice half_period: quick where "
            "prices run straight, slow where they fill their range."
        ),
        source="John F. Ehlers, Fractal Adaptive Moving Averages (2005)",
        warm_up=lambda half_period: 2 * half_period - 1,
    ),
    from_kernel(
        "ICHIMOKU",
        "bands.ichimoku",
        "overlap",
        period(9, low=1, name="conversion"),
        period(26, low=1, name="base"),
        period(52, low=1, name="span"),
        period(26, low=1, name="shift"),
        inputs=("high", "low"),
        outputs=("conversion", "base", "span_a", "span_b"),
        description=(
            "Middles of three ranges, in price; the two spans are those drawn at this bar, which "
            "were known `shift` bars ago. The lagging span is left out, as it looks ahead."
        ),
        source="Goichi Hosoda (1969); numbers of Stock.Indicators",
        warm_up=lambda conversion, base, span, shift: max(conversion, base, span) - 1 + shift,
    ),
    from_kernel(
        "LAGUERRE",
        "averages.laguerre",
        "overlap",
        number("gamma", 0.8, low=0.0, high=0.999),
        description=(
            "Laguerre filter of the close, in price: four stages in a row, smoother the greater "
            "gamma; it starts at the first close."
        ),
        source="John F. Ehlers, Time Warp Without Space Travel (2002)",
        warm_up=lambda **_: 0,
    ),
    from_kernel(
        "MCGINLEY",
        "averages.mcginley",
        "overlap",
        period(14, low=1),
        number("factor", 0.6, low=0.01, high=10.0),
        description=(
            "McGinley dynamic, in price: follows falling prices faster than rising ones, and never "
            "past the close."
        ),
        source="John R. McGinley (1990); numbers of Stock.Indicators",
        warm_up=lambda **_: 1,
    ),
    from_kernel(
        "PIVOTS",
        "bands.pivots",
        "overlap",
        period(20, low=1),
        period(0, low=0, name="offset"),
        inputs=PRICES,
        outputs=("pivot", "r1", "s1", "r2", "s2", "r3", "s3"),
        description=(
            "Floor trader's pivot, resistances and supports, in price, from the bars that ended "
            "`offset` bars before the last one."
        ),
        source="floor traders' convention; numbers of Stock.Indicators, rolling",
        warm_up=lambda period, offset: period + offset,
    ),
    from_kernel(
        "PRICE_CHANNEL",
        "bands.price_channel",
        "overlap",
        period(20, low=1),
        inputs=("high", "low"),
        outputs=("upper", "middle", "lower"),
        description=(
            "Highest high, middle and lowest low of the bars before this one, in price, so that a "
            "bar can break out."
        ),
        source="Richard Donchian (1960); numbers of Stock.Indicators' Donchian",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "STARC",
        "bands.starc",
        "overlap",
        period(20, low=1),
        period(14, low=1, name="atr_period"),
        ranges(2.0),
        inputs=PRICES,
        outputs=("upper", "middle", "lower"),
        description="Simple moving average, and average true ranges around it, in price.",
        source="Manning Stoller (1980s); numbers of Stock.Indicators",
        warm_up=lambda period, atr_period, **_: max(period - 1, atr_period),
    ),
    from_kernel(
        "SUPER_SMOOTHER",
        "averages.super_smoother",
        "overlap",
        period(10, low=2),
        description=(
            "Ehlers' filter of two poles, in price: takes out swings shorter than the period; it "
            "starts at the first close."
        ),
        source="John F. Ehlers, Cycle Analytics for Traders (2013)",
        warm_up=lambda **_: 1,
    ),
    from_kernel(
        "VIDYA",
        "averages.vidya",
        "overlap",
        period(14, low=1),
        description=(
            "Chande's dynamic average, in price: exponential, and as quick as his momentum over "
            "the period is strong; it stays where prices do."
        ),
        source="Tushar Chande, Stocks & Commodities 10:3 (1992); started from a close",
        warm_up=lambda period: period,
    ),
    from_kernel(
        "VWAP",
        "bands.vwap",
        "overlap",
        period(20, low=1),
        inputs=(*PRICES, "volume"),
        description=(
            "Average of the typical prices of the period by volume, in price; the newest one "
            "where nothing was traded. It does not know sessions."
        ),
        source="convention, over a rolling period",
        warm_up=lambda period: period - 1,
    ),
    from_kernel(
        "VWAP_BANDS",
        "bands.vwap_bands",
        "overlap",
        period(20, low=1),
        number("deviations", 2.0, low=0.0, high=100.0),
        inputs=(*PRICES, "volume"),
        outputs=("upper", "middle", "lower"),
        description=(
            "Average of the typical prices of the period by volume, and standard deviations by "
            "volume around it, in price."
        ),
        source="convention, over a rolling period",
        warm_up=lambda period, **_: period - 1,
    ),
    from_kernel(
        "VWMA",
        "averages.vwma",
        "overlap",
        period(20, low=1),
        inputs=("close", "volume"),
        description=(
            "Average of the last closes by volume, in price; the newest one where nothing was "
            "traded."
        ),
        source="Buff Dormeier (2001); numbers of Stock.Indicators",
        warm_up=lambda period: period - 1,
    ),
)
