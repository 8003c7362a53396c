"""Instruments in the shapes of the wire."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from quantloom.market.rulebook import Rule
from quantloom.market.rulebook.topics import (
    Delivery,
    Fee,
    Grid,
    Levy,
    Limit,
    Maintenance,
    MakerTaker,
    Margin,
    Rate,
    Tax,
    Transfer,
    Turnaround,
)
from quantloom_server.instruments.catalog import Held
from quantloom_server.instruments.schemas import (
    CommissionOut,
    DatasetOut,
    ExpiryOut,
    FeeOut,
    HoursOut,
    InstrumentOut,
    LevyOut,
    ListedOut,
    MakerTakerOut,
    MarginOut,
    NamesOut,
    OpeningOut,
    OrdersOut,
    PriceLimitOut,
    RateOut,
    RuleOut,
    RulesOut,
    TakenFor,
    TaxOut,
    TierOut,
    TurnaroundOut,
)
from quantloom_server.instruments.shelf import Listed
from quantloom_server.instruments.terms import Opening, Terms


def show_listed(one: Listed) -> ListedOut:
    return ListedOut(
        symbol=one.symbol,
        code=one.code,
        venue=one.venue,
        kind=one.kind,
        name=NamesOut(zh=one.names.zh, en=one.names.en),
        product=one.product or None,
        is_chain=one.is_chain,
        last_trading_day=one.last_day,
        is_estimate=one.is_estimate,
        timeframes=list(one.timeframes),
    )


def show_instrument(
    one: Listed,
    terms: Terms,
    *,
    taken: TakenFor,
    version: str,
    data: Sequence[Held],
) -> InstrumentOut:
    instrument = terms.instrument
    return InstrumentOut(
        **show_listed(one).model_dump(exclude={"last_trading_day", "is_estimate"}),
        last_trading_day=terms.ending.last_day if terms.ending else one.last_day,
        is_estimate=terms.ending.is_estimate if terms.ending else one.is_estimate,
        taken_for=taken,
        on=terms.day,
        currency=instrument.currency,
        tick_size=float(instrument.tick_size),
        lot=float(instrument.lot),
        multiplier=float(instrument.multiplier),
        can_short=terms.can_short,
        terms_from=instrument.source,
        orders=_orders(terms),
        commission=_commission(terms),
        margin=_margin(terms),
        maintenance=_maintenance(terms),
        price_limit=_limit(terms),
        hours=_hours(terms),
        expiry=_expiry(terms),
        turnaround=_turnaround(terms),
        rules=_rules(terms, version),
        data=[_dataset(info) for info in data],
    )


def _orders(terms: Terms) -> OrdersOut | None:
    grid = terms.find(Grid)
    if grid is None:
        return None
    return OrdersOut(
        minimum=float(grid.step if grid.minimum is None else grid.minimum),
        maximum=_number(grid.maximum),
        maximum_market=_number(grid.maximum_market),
        minimum_value=_number(grid.min_notional),
        has_market_orders=grid.has_market_orders,
    )


def _commission(terms: Terms) -> CommissionOut:
    fee, tax, transfer = terms.find(Fee), terms.find(Tax), terms.find(Transfer)
    tiers = sorted(terms.all(MakerTaker), key=lambda one: one.tier)
    return CommissionOut(
        fee=None if fee is None else _fee(fee),
        maker_taker=[
            MakerTakerOut(
                tier=one.tier,
                volume=float(one.volume),
                maker=float(one.maker),
                taker=float(one.taker),
            )
            for one in tiers
        ],
        levies=[
            LevyOut(name=one.name, rate=_rate(one.rate), side=one.side) for one in terms.all(Levy)
        ],
        tax=None if tax is None else TaxOut(buy=float(tax.buy), sell=float(tax.sell)),
        transfer=None if transfer is None else float(transfer.money),
    )


def _fee(fee: Fee) -> FeeOut:
    return FeeOut(
        open=_rate(fee.open),
        close=_rate(fee.close),
        close_today=None if fee.close_today is None else _rate(fee.close_today),
        minimum=float(fee.minimum),
        maximum=_number(fee.maximum),
        side=fee.side,
    )


def _rate(rate: Rate) -> RateOut:
    return RateOut(money=float(rate.money), unit=float(rate.unit))


def _margin(terms: Terms) -> MarginOut | None:
    found = terms.find(Margin)
    if found is None:
        return None
    return MarginOut(
        long=float(found.long), short=float(found.short), larger_side=found.larger_side
    )


def _maintenance(terms: Terms) -> list[TierOut]:
    found = terms.find(Maintenance)
    return [
        TierOut(
            notional=float(notional),
            ratio=float(ratio),
            deduction=float(deduction),
            leverage=leverage,
        )
        for notional, ratio, deduction, leverage in (found.tiers if found else ())
    ]


def _limit(terms: Terms) -> PriceLimitOut | None:
    found = terms.find(Limit)
    if found is None:
        return None
    return PriceLimitOut(
        ratio=_number(found.ratio),
        base=found.base,
        risk_ratio=_number(found.risk_ratio),
        free_days=found.free_days,
        last_day=_number(found.last_day),
    )


def _hours(terms: Terms) -> HoursOut:
    calendar, day = terms.calendar, terms.trading_day
    return HoursOut(
        calendar=calendar.name,
        timezone=calendar.timezone,
        trading_day=day,
        is_known=day is not None and calendar.covers(day),
        sessions=[_session(one) for one in terms.openings],
    )


def _session(one: Opening) -> OpeningOut:
    opens, closes = one.local
    return OpeningOut(
        open=one.span.open,
        close=one.span.close,
        local_open=_clock(opens),
        local_close=_clock(closes),
    )


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M}"


def _expiry(terms: Terms) -> ExpiryOut | None:
    delivery, ending = terms.find(Delivery), terms.ending
    if delivery is None and ending is None:
        return None
    return ExpiryOut(
        last_trading_day=ending.last_day if ending else None,
        is_estimate=bool(ending and ending.is_estimate),
        method=delivery.method if delivery else None,
        persons_out=delivery.person_out if delivery else None,
    )


def _turnaround(terms: Terms) -> TurnaroundOut | None:
    found = terms.find(Turnaround)
    if found is None:
        return None
    return TurnaroundOut(sell_after=found.sell_after, cash_after=found.cash_after)


def _rules(terms: Terms, version: str) -> RulesOut:
    entries = [_rule(rule) for rules in terms.rules.values() for rule in rules]
    return RulesOut(version=version, standing=terms.standing, entries=entries)


def _rule(rule: Rule) -> RuleOut:
    source = rule.source
    return RuleOut(
        topic=rule.entry.topic,
        standing=rule.standing,
        scope=rule.scope,
        since=rule.entry.since,
        to=rule.entry.to,
        source=None if source is None else f"{source.publisher}: {source.title}",
        as_of=None if source is None else source.as_of,
    )


def _dataset(info: Held) -> DatasetOut:
    return DatasetOut(
        timeframe=info.timeframe,
        rows=info.rows,
        start=info.start,
        end=info.end,
        grade=info.grade,
        source=info.source,
    )


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
