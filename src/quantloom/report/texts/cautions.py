"""What to read before the figures: warnings, and what the look-ahead audit found."""

from collections.abc import Mapping

from quantloom.report.texts.pair import Pair

CAUTIONS: Mapping[str, Pair] = {
    "warnings": Pair("Read this first", "请先阅读"),
    "severity.grave": Pair("Grave", "严重"),
    "severity.warning": Pair("Warning", "警告"),
    "severity.note": Pair("Note", "提示"),
    "warn.kinder": Pair("Assumed in the strategy's favour: {what}.", "有利于策略的假设：{what}。"),
    "warn.default_instrument": Pair(
        "Tick, lot and multiplier of {symbol} are assumed, not known. Check them: profit is "
        "proportional to the multiplier.",
        "{symbol} 的最小变动价位、最小数量与合约乘数为假设值，请核对：盈亏与乘数成正比。",
    ),
    "warn.inferred_tick": Pair(
        "The tick of {symbol} is inferred from its prices, which do not lie on the known one; "
        "prices that were adjusted afterwards are one cause.",
        "{symbol} 的价格不在已知的最小变动价位上，最小变动价位由价格推断；复权价格是常见原因。",
    ),
    "warn.unknown_holidays": Pair(
        "The calendar {calendar} does not know all holidays and hours of this span; there it takes "
        "every weekday for a trading day, with the nearest hours it knows.",
        "日历 {calendar} 未收录该区间的全部假日和交易时段；未收录处，工作日均视为交易日，"
        "并采用最接近的已知时段。",
    ),
    "warn.unruled": Pair(
        "The run followed no market rules, though the rule book knows fees, limits and the like of "
        "{what}: rules=True (--rules) follows them.",
        "本次回测未遵循市场规则，而规则库收录了 {what} 的手续费、涨跌停等："
        "rules=True（--rules）可启用。",
    ),
    "warn.rules_uncovered": Pair(
        "The rule book says nothing of these on some days of this run, which went on without: "
        "{what}.",
        "规则手册未涵盖本次回测部分日期的以下规则，回测中未予适用：{what}。",
    ),
    "warn.rules_assumed": Pair(
        "The rule book knows these from no source and assumes what is customary: {what}.",
        "以下规则没有来源，按惯例假设：{what}。",
    ),
    "warn.rules_carried": Pair(
        "The source of these rules is older than days of this run: {what}.",
        "以下规则的来源早于本次回测的部分日期：{what}。",
    ),
    "warn.rules_unfunded": Pair(
        "Funding is unknown for some payments that positions would have made or received, and was "
        "left out (payments by symbol): {what}.",
        "持仓期间部分资金费率未知，未计入（各合约次数）：{what}。",
    ),
    "warn.rules_unmarked": Pair(
        "There are no mark prices of {what}: last prices stood in for funding and liquidation.",
        "没有 {what} 的标记价格，资金费与强平按成交价计算。",
    ),
    "warn.rules_estimated": Pair(
        "The data have no settlement prices of {what}; they are estimated.",
        "数据中没有 {what} 的结算价，已按估计值结算。",
    ),
    "warn.rules_delisted": Pair(
        "What a holder got at delisting is not known; the last close was taken: {what}.",
        "以下品种退市时的所得未知，按最后收盘价了结：{what}。",
    ),
    "warn.rules_unlimited": Pair(
        "Days that traded beyond the usual price limit, which were taken to have had another: "
        "{what}.",
        "以下品种有若干交易日超出常规涨跌停，视为当日另有规定：{what}。",
    ),
    "warn.adjusted_already": Pair(
        "Prices of {what} do not fall on their ex-days: they look adjusted already, and dividends "
        "and splits count twice. Give real prices, or leave the actions out.",
        "{what} 的价格在除权除息日没有相应下跌，似乎已复权，分红送转被重复计算；"
        "请使用未复权价格，或不要传入分红送转数据。",
    ),
    "audit": Pair("Look-ahead audit", "未来数据检查"),
    "audit.none": Pair("not made", "未进行"),
    "data_grade": Pair("Data grade", "数据评级"),
    "data_grade.dataset": Pair("{symbol}{grade}, dataset {hash}", "{symbol}{grade}，数据集 {hash}"),
    "data_grade.bars": Pair("{symbol}{grade}, bars {hash}", "{symbol}{grade}，K线 {hash}"),
    "data_grade.several": Pair(
        "{grade}, the worst of {count} instruments", "{grade}（{count} 个品种中最差）"
    ),
    "warn.data": Pair("Data of {symbol}: {finding}", "{symbol} 的数据：{finding}"),
    "warn.leak": Pair("It looks ahead: {leak}.", "使用了未来数据：{leak}。"),
    "warn.audit": Pair("Look-ahead audit: {note}", "未来数据检查：{note}"),
    "warn.no_actions": Pair(
        "No corporate actions were given of {what}: dividends are not in the result, and with real "
        "prices a split or bonus issue counts as a loss.",
        "未提供 {what} 的分红送转数据：结果不含分红；若价格未复权，送转和拆股会被当作亏损。",
    ),
    "warn.held_after_end": Pair(
        "Still held, though its bars end long before the run does: {what}. It could not be sold "
        "and is valued at its last close; end the run sooner, or bring its later bars.",
        "期末仍持有，但其行情远早于回测结束：{what}。此后无法卖出，按最后收盘价计值；"
        "请提前回测结束日，或补齐行情。",
    ),
    "warn.open_position": Pair(
        "A position is open at the end, marked at the last close; leaving it would cost more.",
        "期末仍有持仓，按最后收盘价计值；实际平仓还会产生成本。",
    ),
    "warn.refused": Pair(
        "{count} of {total} orders were refused; the reasons are below.",
        "{total} 笔委托中有 {count} 笔被拒，原因见下文。",
    ),
}
