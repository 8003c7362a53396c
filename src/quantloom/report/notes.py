"""What a reader must know before believing the figures: warnings and assumptions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

from quantloom.backtest import BacktestResult, BacktestSpec, RuleUse
from quantloom.backtest.analysis import held_after_end, notionals
from quantloom.market import Calendar, Instrument, knows_holidays
from quantloom.performance import Severity
from quantloom.report.formats import exact_percent, fixed, plain
from quantloom.report.grades import of_data
from quantloom.report.tables import order_counts
from quantloom.report.texts import Words
from quantloom.report.ticks import facts_of_ticks, of_ticks
from quantloom.simulation import Slippage, SquareRootImpact, VolumeShareSlippage
from quantloom.strategy import EquityShare, FixedSize, RiskPerTrade, VolatilityTarget
from quantloom.trading import Commission, Rate

MAX_INSTRUMENTS = 20
_SHOWN_LEAKS = 3


@dataclass(frozen=True, slots=True)
class Told:
    """One thing to know before believing the figures."""

    severity: Severity
    text: str


def findings(result: BacktestResult, words: Words) -> list[Told]:
    """What speaks against the figures, gravest first: the diagnosis, and what was assumed."""
    told = [Told(found.severity, words.finding(found)) for found in result.diagnostics]
    told += [Told(severity, text) for severity, text in _of_terms(result, words)]
    told += [Told(severity, text) for severity, text in _of_rules(result, words)]
    told += [Told(severity, text) for severity, text in _of_actions(result, words)]
    told += [Told(severity, text) for severity, text in _of_audit(result, words)]
    told += [Told(severity, text) for severity, text in of_ticks(result.ticks, words)]
    told += [Told(severity, text) for severity, text in of_data(result, words)]
    order = get_args(Severity)
    return sorted(told, key=lambda one: order.index(one.severity))


def _of_terms(result: BacktestResult, words: Words) -> Iterator[tuple[Severity, str]]:
    """What the diagnosis does not see: where the terms of instruments and orders came from."""
    # `default_instrument` writes where each of its values came from.
    sources = {one.symbol: one.source for one in result.spec.instruments}
    assumed = [
        name
        for name, source in sources.items()
        if source.startswith("default") and not _is_ruled(result, name)
    ]
    inferred = [
        name for name, source in sources.items() if "inferred" in source and name not in assumed
    ]
    if assumed:
        yield "warning", words("warn.default_instrument", symbol=_some(assumed, words))
    if inferred:
        yield "note", words("warn.inferred_tick", symbol=_some(inferred, words))
    calendar = result.calendar
    if not all(knows_holidays(bars, calendar) for bars in result.data.values()):
        yield "warning", words("warn.unknown_holidays", calendar=calendar.name)
    stuck = held_after_end(result.data, result.positions)
    if stuck:
        told = [f"{symbol} ({day})" for symbol, day in stuck.items()]
        yield "warning", words("warn.held_after_end", what=_some(told, words))
    refused, total = order_counts(result).get("rejected", 0), len(result.orders)
    if refused and not any(found.code == "refused_orders" for found in result.diagnostics):
        facts = {"count": fixed(refused, 0), "total": fixed(total, 0)}
        yield "note", words("warn.refused", **facts)
    if result.positions:
        yield "note", words("warn.open_position")


def _is_ruled(result: BacktestResult, symbol: str) -> bool:
    """Whether lot and multiplier are the rule book's, whose own standing is told elsewhere."""
    use = result.rules
    return use is not None and not {f"grid of {symbol}", f"every rule of {symbol}"} & {
        *use.uncovered
    }


def _of_rules(result: BacktestResult, words: Words) -> Iterator[tuple[Severity, str]]:
    """What the market rules rest on."""
    use = result.rules
    if use is None:
        severity: Severity = "warning" if result.spec.commission == Commission() else "note"
        if result.unruled:
            yield severity, words("warn.unruled", what=_some([*result.unruled], words))
        return
    told: dict[str, tuple[Severity, Sequence[str]]] = {
        "warn.rules_uncovered": ("warning", use.uncovered),
        "warn.rules_assumed": ("warning", use.assumed),
        "warn.rules_estimated": ("note", use.estimated),
        "warn.rules_unfunded": (
            "warning",
            [f"{symbol}: {count}" for symbol, count in use.unfunded.items()],
        ),
        "warn.rules_unmarked": ("note", use.unmarked),
        "warn.rules_carried": ("note", use.carried),
        "warn.rules_delisted": ("warning", use.delisted),
        "warn.rules_unlimited": (
            "note",
            [f"{symbol}: {days}" for symbol, days in use.unlimited.items()],
        ),
    }
    for name, (severity, found) in told.items():
        if found:
            yield severity, words(name, what=_some([_topic(one, words) for one in found], words))


def _topic(told: str, words: Words) -> str:
    """A rule of an instrument, such as `fee of rb2410.SHFE`, in the reader's language."""
    topic, of, symbol = told.partition(" of ")
    key = f"topic.{topic.replace(' ', '_')}"
    return words("topic.of", topic=words.name(key, topic), symbol=symbol) if of else told


def _of_actions(result: BacktestResult, words: Words) -> Iterator[tuple[Severity, str]]:
    """Whether dividends and splits count once."""
    use = result.actions
    if use.adjusted:
        yield "warning", words("warn.adjusted_already", what=_some([*use.adjusted], words))
    if use.missing:
        yield "note", words("warn.no_actions", what=_some([*use.missing], words))


def _of_audit(result: BacktestResult, words: Words) -> Iterator[tuple[Severity, str]]:
    """What shows that the run looks ahead, and what keeps the audit from saying more."""
    if result.audit is None:
        return
    for leak in result.audit.leaks[:_SHOWN_LEAKS]:
        yield "grave", words("warn.leak", leak=words.of_audit(leak))
    for note in result.audit.notes:
        yield "warning", words("warn.audit", note=words.of_audit(note))


def audit_badge(result: BacktestResult, words: Words) -> str:
    """Whether the run looks ahead, in a line."""
    return words("audit.none") if result.audit is None else words.of_audit(result.audit)


def _some(symbols: list[str], words: Words) -> str:
    shown = words("join").join(symbols[:MAX_INSTRUMENTS])
    return shown if len(symbols) <= MAX_INSTRUMENTS else f"{shown} …"


def assumptions(result: BacktestResult, words: Words, calendar: Calendar) -> list[tuple[str, str]]:
    """Everything the run took for granted, as label and sentence."""
    spec = result.spec
    found = {
        "instrument": _instruments(result, words),
        "calendar": words(
            "fact.calendar.value", name=calendar.name, periods=calendar.periods_per_year
        ),
        "executor": _executor(result, words),
        "signals": words("fact.signals.value"),
        "fills": words("fact.fills.value"),
        "liquidity": _liquidity(result, words),
        "rules": _rules(result, words),
        "commission": _costs(spec, words),
        "slippage": _slippage(result, words),
        "margin": _margin(spec, words),
        "sizing": _sizing(result, words),
        "orders": _orders(result, words),
        **_where_set(spec, words),
        **facts_of_ticks(result.ticks, words),
    }
    return [(words(f"fact.{name}"), text) for name, text in found.items()]


def _executor(result: BacktestResult, words: Words) -> str:
    """What made the run; results are the same whichever of those that can do it did."""
    name = result.executor
    return words.name(f"executor.{name.replace('-', '_')}", name)


def _costs(spec: BacktestSpec, words: Words) -> str:
    rules = spec.rules
    if rules is None or rules.has_commission:
        return words("join").join(_commission(spec.commission, words))
    share = rules.fee_discount
    less = words("fact.commission.discount", share=exact_percent(share)) if share else ""
    return words("fact.ruled") + less


def _margin(spec: BacktestSpec, words: Words) -> str:
    rules = spec.rules
    if rules is None or rules.has_margin:
        ratios = {side: exact_percent(getattr(spec.margin, side)) for side in ("long", "short")}
        return words("fact.margin.value", **ratios)
    addon = rules.margin_addon
    more = words("fact.margin.addon", addon=exact_percent(addon)) if addon else ""
    return words("fact.ruled") + more


def _where_set(spec: BacktestSpec, words: Words) -> dict[str, str]:
    """What few runs ask for, of those that do."""
    found = {}
    rules, carry = spec.rules, spec.carry
    if rules is not None and any(one.is_swap for one in spec.instruments):
        found["margin_mode"] = words(f"margin_mode.{rules.margin_mode}")
    if rules is not None and rules.offsets is not None:
        found["offsets"] = words(f"offsets.{'lock' if rules.offsets.allow_lock else 'close'}")
    if carry.interest or carry.borrow:
        rates = {"interest": exact_percent(carry.interest), "borrow": exact_percent(carry.borrow)}
        found["carry"] = words("fact.carry.value", **rates)
    if any(one.currency != spec.currency for one in spec.instruments):
        found["currency"] = words(
            "fact.currency.value", currency=spec.currency, cost=exact_percent(spec.fx_cost)
        )
    return found


def _rules(result: BacktestResult, words: Words) -> str:
    use = result.rules
    if use is None:
        return words("fact.rules.none")
    overlays = words("join").join(use.overlays)
    return words("fact.rules.value", version=use.version, grade=rule_grade(use, words)) + (
        words("fact.rules.overlays", names=overlays) if overlays else ""
    )


def rule_grade(use: RuleUse | None, words: Words) -> str:
    """How well the market rules of a run are known, as a letter and in words; empty without."""
    if use is None:
        return ""
    return words("rules.grade", grade=use.grade, meaning=words(f"grade.{use.grade}"))


def turnover_note(result: BacktestResult, words: Words) -> str:
    """Costs against the traded value; empty where nothing was traded."""
    fills = result.fills
    notional = float(notionals(fills, result.spec.instruments).sum())
    if not notional:
        return ""
    costs = result.metrics.commission + result.metrics.slippage
    return words(
        "cost.turnover",
        bps=fixed(costs / notional * 10_000, 2),
        notional=fixed(notional, 0),
        currency=result.spec.currency,
    )


def _liquidity(result: BacktestResult, words: Words) -> str:
    spec = result.spec
    share = spec.participation
    parts = [
        words("fact.liquidity.uncapped")
        if share is None
        else words("fact.liquidity.capped", share=exact_percent(share))
    ]
    if spec.latency:
        parts.append(words("fact.liquidity.latency", bars=spec.latency))
    return words("join.clauses").join(parts)


def _instruments(result: BacktestResult, words: Words) -> str:
    listed = result.spec.instruments
    if len(listed) == 1:
        return _instrument(listed[0], words)
    told = [f"{one.symbol}: {_instrument(one, words)}" for one in listed[:MAX_INSTRUMENTS]]
    more = len(listed) - len(told)
    return "\n".join(told + [words("fact.instrument.more", count=more)] * (more > 0))


def _instrument(instrument: Instrument, words: Words) -> str:
    return words(
        "fact.instrument.value",
        kind=words(f"kind.{instrument.kind}"),
        tick=plain(instrument.tick_size),
        lot=plain(instrument.lot),
        multiplier=plain(instrument.multiplier),
        currency=instrument.currency,
        source=instrument.source,
    )


def _commission(commission: Commission, words: Words) -> Iterator[str]:
    yield words("fact.commission.open", rate=_rate(commission.open, words))
    yield words("fact.commission.close", rate=_rate(commission.close, words))
    if commission.close_today is not None:
        yield words("fact.commission.close_today", rate=_rate(commission.close_today, words))
    if commission.minimum:
        yield words("fact.commission.minimum", amount=plain(commission.minimum))
    if commission.sell_tax:
        yield words("fact.commission.sell_tax", rate=exact_percent(commission.sell_tax))
    if commission.transfer:
        yield words("fact.commission.transfer", rate=exact_percent(commission.transfer))


def _rate(rate: Rate, words: Words) -> str:
    parts = []
    if rate.by_money:
        parts.append(words("rate.by_money", percent=exact_percent(rate.by_money)))
    if rate.by_unit:
        parts.append(words("rate.by_unit", amount=plain(rate.by_unit)))
    return " + ".join(parts) or words("rate.none")


def _slippage(result: BacktestResult, words: Words) -> str:
    model = result.spec.slippage
    parts = []
    if isinstance(model, VolumeShareSlippage):
        parts.append(words("slippage.volume_share", impact=exact_percent(model.impact)))
    if isinstance(model, SquareRootImpact):
        parts.append(words("slippage.square_root", coefficient=plain(model.coefficient)))
    slippage = model if isinstance(model, Slippage) else model.base
    if slippage.ticks:
        parts.append(words("slippage.ticks", ticks=plain(slippage.ticks)))
    if slippage.ratio:
        parts.append(words("slippage.ratio", percent=exact_percent(slippage.ratio)))
    if not parts:
        return words("rate.none")
    return words("fact.slippage.value", parts=" + ".join(parts))


def _sizing(result: BacktestResult, words: Words) -> str:
    sizing = result.spec.sizing
    if isinstance(sizing, EquityShare):
        return words("fact.sizing.share", percent=exact_percent(sizing.weight))
    if isinstance(sizing, FixedSize):
        return words("fact.sizing.fixed", size=plain(sizing.size))
    if isinstance(sizing, RiskPerTrade):
        return words("fact.sizing.risk", percent=exact_percent(sizing.risk))
    if isinstance(sizing, VolatilityTarget):
        return words("fact.sizing.volatility", percent=exact_percent(sizing.target))
    return words("fact.sizing.kelly", percent=exact_percent(sizing.fraction))


def _orders(result: BacktestResult, words: Words) -> str:
    parts = [
        words("orders.part", count=fixed(count, 0), status=words.name(f"status.{status}", status))
        for status, count in order_counts(result).items()
    ]
    if not parts:
        return words("rate.none")
    return words("orders", count=fixed(len(result.orders), 0), parts=words("join").join(parts))
