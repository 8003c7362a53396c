"""What a backtest assumed."""

from collections.abc import Mapping

from quantloom.report.texts.pair import Pair

ASSUMPTIONS: Mapping[str, Pair] = {
    "assumptions": Pair("Assumptions", "回测假设"),
    "fact.instrument": Pair("Instrument", "品种规格"),
    "fact.instrument.value": Pair(
        "{kind}; tick {tick}, lot {lot}, multiplier {multiplier}, in {currency}; "
        "terms from: {source}",
        "{kind}；最小变动价位 {tick}，最小数量 {lot}，合约乘数 {multiplier}，币种 {currency}；"
        "规格来源：{source}",
    ),
    "fact.instrument.more": Pair("and {count} more", "以及另外 {count} 个"),
    "kind.stock": Pair("stock", "股票"),
    "kind.fund": Pair("fund", "基金"),
    "kind.bond": Pair("bond", "债券"),
    "kind.index": Pair("index", "指数"),
    "kind.future": Pair("future", "期货"),
    "kind.spot": Pair("spot", "现货"),
    "kind.perpetual": Pair("perpetual", "永续合约"),
    "kind.inverse": Pair("inverse perpetual", "币本位永续合约"),
    "kind.fx": Pair("foreign exchange", "外汇"),
    "fact.calendar": Pair("Calendar", "交易日历"),
    "fact.calendar.value": Pair(
        "{name}, {periods} trading days a year", "{name}，每年 {periods} 个交易日"
    ),
    "fact.signals": Pair("Signals", "信号"),
    "fact.signals.value": Pair(
        "see closed bars only; an order can fill from the next bar's open on",
        "只使用已收盘的 K 线；委托最早在下一根 K 线开盘成交",
    ),
    "fact.ticks": Pair("Ticks", "逐笔数据"),
    "fact.ticks.value": Pair(
        "{count} rows, prices known to {levels} level(s); equity is marked by bars made of them",
        "{count} 行，已知盘口 {levels} 档；权益按由此合成的 K 线计值",
    ),
    "fact.queue": Pair("Queue", "排队模型"),
    "queue.pessimistic": Pair(
        "pessimistic: trades alone move a waiting order up",
        "悲观（pessimistic）：只有成交使排队前移",
    ),
    "queue.risk_averse": Pair(
        "risk-averse: trades move a waiting order up, and no more stands in front than is shown",
        "审慎（risk_averse）：成交使排队前移，前方数量不超过盘口所示",
    ),
    "queue.power": Pair(
        "power {exponent}: trades and a share of cancellations move a waiting order up",
        "幂函数 {exponent}（power）：成交与按比例分摊的撤单使排队前移",
    ),
    "queue.log": Pair(
        "log: trades and a share of cancellations move a waiting order up",
        "对数（log）：成交与按比例分摊的撤单使排队前移",
    ),
    "fact.latency": Pair("Latency", "延迟"),
    "latency.order": Pair("orders {takes}", "委托 {takes}"),
    "latency.cancel": Pair("cancels {takes}", "撤单 {takes}"),
    "latency.response": Pair("news of them {takes}", "回报 {takes}"),
    "latency.feed": Pair("data without times of receipt {takes}", "无接收时间的行情 {takes}"),
    "fact.signals.ticks": Pair(
        "see what has been heard of; an order can fill once it has arrived",
        "只使用已收到的行情；委托到达交易所后才可能成交",
    ),
    "fact.fills.ticks": Pair(
        "what takes fills at the prices shown, level by level; what waits fills when trades have "
        "gone through its queue, or prices have come to it or gone beyond it",
        "主动成交逐档按盘口价格；挂单在成交消耗完前方排队、或价格到达或越过时成交",
    ),
    "fact.liquidity.ticks": Pair(
        "no more than is shown or traded; what was taken is not there twice",
        "不超过盘口所示或市场成交的数量；已取走的数量不会重复成交",
    ),
    "fact.slippage.ticks": Pair("what the book shows beyond its best price", "由盘口各档价格决定"),
    "kinder.no_latency": Pair(
        "an order, a cancel or its news takes no time", "委托、撤单或其回报没有延迟"
    ),
    "kinder.no_feed_latency": Pair(
        "ticks are heard of at the moment they happen", "行情在发生的同时即收到"
    ),
    "kinder.cancellations": Pair(
        "cancellations move orders up their queue, by shares that nobody knows",
        "撤单按未知的比例使排队前移",
    ),
    "kinder.no_trades": Pair(
        "no trades are known: limit orders fill where quotes cross them",
        "没有成交数据：限价单在盘口越过其价格时成交",
    ),
    "fact.executor": Pair("Run by", "执行方式"),
    "executor.event": Pair(
        "the strategy's callbacks, bar by bar, in Python", "逐根 K 线调用策略的 Python 回调"
    ),
    "executor.compiled": Pair(
        "the strategy's on_bar as machine code, bar by bar", "逐根 K 线执行编译成机器码的 on_bar"
    ),
    "executor.vectorised": Pair(
        "compiled code that follows the signals of all bars", "编译代码按全部 K 线的信号执行"
    ),
    "executor.portfolio": Pair(
        "compiled code that follows the weights of all instruments",
        "编译代码按各品种的目标权重执行",
    ),
    "executor.ticks": Pair(
        "the strategy's callbacks, tick by tick, in Python", "逐笔调用策略的 Python 回调"
    ),
    "executor.ticks_compiled": Pair(
        "a compiled program, tick by tick", "逐笔执行编译成机器码的程序"
    ),
    "fact.fills": Pair("Fills", "成交"),
    "fact.fills.value": Pair(
        "market orders at the open; stop orders at their price or a worse open; limit orders at "
        "their price or a better open; a stop before a limit when one bar reaches both; nothing "
        "on a bar without volume",
        "市价单按开盘价；止损单按触发价，跳空时按更差的开盘价；限价单按限价，跳空时按更优的开盘价；"
        "同一根 K 线同时触及时止损优先；无成交量的 K 线不成交",
    ),
    "fact.liquidity": Pair("Liquidity", "流动性"),
    "fact.liquidity.capped": Pair(
        "orders on one instrument fill at most {share} of a bar's volume together; the rest waits",
        "同一品种的委托合计最多成交单根 K 线成交量的 {share}，其余等待后续 K 线",
    ),
    "fact.liquidity.uncapped": Pair(
        "orders fill whole however large, whatever the volume", "不论成交量，委托全部成交"
    ),
    "fact.liquidity.latency": Pair(
        "orders and cancels arrive {bars} bar(s) late", "委托与撤单延迟 {bars} 根 K 线到达"
    ),
    "fact.rules": Pair("Market rules", "市场规则"),
    "fact.rules.none": Pair(
        "None: the same commission and margin every day, no price limits, no settlement",
        "未启用：每日费率与保证金相同，无涨跌停与结算",
    ),
    "fact.rules.value": Pair(
        "Rule book, version {version}: {grade}", "规则手册，版本 {version}：{grade}"
    ),
    "rules.grade": Pair("grade {grade}, {meaning}", "等级 {grade}，{meaning}"),
    "grade.A": Pair("all from sources that hold", "全部规则均有有效来源"),
    "grade.B": Pair("some carried past their source, or estimated", "部分规则沿用旧来源或为估计"),
    "grade.C": Pair("some assumed", "部分规则为假设"),
    "grade.D": Pair("some not known", "部分规则未知"),
    "fact.rules.overlays": Pair(", with {names}", "，叠加 {names}"),
    "fact.ruled": Pair("As the rule book has it on each day", "按规则手册逐日执行"),
    "fact.commission.discount": Pair(
        ", {share} less on crypto venues, whose own coin pays",
        "，加密货币以平台币支付，减免 {share}",
    ),
    "fact.commission": Pair("Commission", "手续费"),
    "fact.commission.open": Pair("opening {rate}", "开仓 {rate}"),
    "fact.commission.close": Pair("closing {rate}", "平仓 {rate}"),
    "fact.commission.close_today": Pair("closing the same day {rate}", "平今 {rate}"),
    "fact.commission.minimum": Pair("at least {amount} an order", "每笔委托最低 {amount}"),
    "fact.commission.sell_tax": Pair("duty on sales {rate}", "卖出印花税 {rate}"),
    "fact.commission.transfer": Pair("transfer fee {rate}", "过户费 {rate}"),
    "rate.by_money": Pair("{percent} of value", "成交金额的 {percent}"),
    "rate.by_unit": Pair("{amount} a unit", "每单位 {amount}"),
    "rate.none": Pair("nothing", "无"),
    "fact.slippage": Pair("Slippage", "滑点"),
    "fact.slippage.value": Pair(
        "{parts}, against the trader, on market and stop orders",
        "市价单与止损单向不利方向滑动{parts}",
    ),
    "slippage.ticks": Pair("{ticks} tick(s)", "{ticks} 个最小变动价位"),
    "slippage.volume_share": Pair(
        "{impact} of the price for a whole bar's volume, by the square of the share",
        "按成交量占比的平方计，占满一根 K 线为价格的 {impact}",
    ),
    "slippage.square_root": Pair(
        "{coefficient} times volatility and the root of the share of volume",
        "{coefficient} 倍波动率乘以成交量占比的平方根",
    ),
    "slippage.ratio": Pair("{percent} of the price", "价格的 {percent}"),
    "fact.margin": Pair("Margin", "保证金"),
    "fact.margin.value": Pair(
        "{long} of value for long positions, {short} for short ones",
        "多头占用价值的 {long}，空头占用 {short}",
    ),
    "fact.margin.addon": Pair(
        ", and {addon} of value more for the broker", "，经纪商另加收价值的 {addon}"
    ),
    "fact.margin_mode": Pair("Margin of swaps", "永续合约保证金模式"),
    "margin_mode.cross": Pair("cross: all cash stands behind each", "全仓：账户现金共同担保"),
    "margin_mode.isolated": Pair(
        "isolated: each has what opened it and loses no more", "逐仓：各仓仅以开仓保证金为限"
    ),
    "fact.offsets": Pair("Opening and closing", "开平方式"),
    "offsets.lock": Pair(
        "A router takes the cheapest of closing and locking; result.orders says why",
        "由路由在平仓与锁仓中选择费用最低者，理由见 result.orders",
    ),
    "offsets.close": Pair(
        "A router picks which lots to close, without locks; result.orders says why",
        "由路由选择平今或平昨，不锁仓，理由见 result.orders",
    ),
    "fact.carry": Pair("Interest a year", "年利率"),
    "fact.carry.value": Pair(
        "{interest} earned on cash, {borrow} paid on what is borrowed",
        "现金收取 {interest}，融资融券支付 {borrow}",
    ),
    "fact.currency": Pair("Currency", "账户币种"),
    "fact.currency.value": Pair(
        "The account is in {currency}; an exchange costs {cost} of what is exchanged",
        "账户以 {currency} 计；换汇成本为兑换金额的 {cost}",
    ),
    "fact.sizing": Pair("Size of an entry", "开仓数量"),
    "fact.sizing.fixed": Pair("{size} where the strategy names none", "策略未指定时为 {size}"),
    "fact.sizing.risk": Pair(
        "{percent} of equity lost at the stop", "触及止损时亏损权益的 {percent}"
    ),
    "fact.sizing.volatility": Pair(
        "a volatility of {percent} of equity a year", "目标年化波动率为权益的 {percent}"
    ),
    "fact.sizing.kelly": Pair(
        "{percent} of the Kelly share of its own round trips", "自身交易凯利比例的 {percent}"
    ),
    "fact.sizing.share": Pair(
        "{percent} of equity as notional value where the strategy names none",
        "策略未指定时按权益的 {percent} 计算名义价值",
    ),
    "fact.orders": Pair("Orders", "委托"),
}
