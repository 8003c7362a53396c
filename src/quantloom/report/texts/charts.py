"""What charts and the table of round trips say; the page's own script fills some of it in."""

from collections.abc import Mapping

from quantloom.report.texts.pair import Pair

CHARTS: Mapping[str, Pair] = {
    "chart.open": Pair("Open", "开"),
    "chart.high": Pair("High", "高"),
    "chart.low": Pair("Low", "低"),
    "chart.close": Pair("Close", "收"),
    "chart.equity": Pair("Equity", "权益"),
    "chart.rebased": Pair("Price, rebased to the capital", "标的价格（按初始资金折算）"),
    "chart.drawdown": Pair("Drawdown", "回撤"),
    "chart.count": Pair("Round trips", "交易次数"),
    "chart.price": Pair("Price", "价格"),
    "chart.quantity": Pair("Quantity", "数量"),
    "chart.pnl": Pair("Profit", "盈亏"),
    "chart.tag": Pair("Tag", "标签"),
    "mark.long_entry": Pair("Buy", "买入开仓"),
    "mark.long_exit": Pair("Sell to close", "卖出平仓"),
    "mark.to_long": Pair("Buy, short to long", "买入反手"),
    "mark.to_short": Pair("Sell, long to short", "卖出反手"),
    "mark.short_entry": Pair("Sell short", "卖出开仓"),
    "mark.short_exit": Pair("Buy to cover", "买入平仓"),
    "chart.benchmark": Pair("{symbol}, rebased to the capital", "{symbol}（按初始资金折算）"),
    "chart.net": Pair("Net, % of equity", "净敞口（占权益 %）"),
    "chart.gross": Pair("Gross, % of equity", "总敞口（占权益 %）"),
    "chart.sharpe": Pair("Sharpe ratio", "夏普比率"),
    "chart.volatility": Pair("Annual volatility, %", "年化波动率（%）"),
    "chart.days": Pair("Days", "天数"),
    "chart.band_wide": Pair("Nine runs in ten", "九成结果"),
    "chart.band_half": Pair("Every other run", "半数结果"),
    "chart.band_middle": Pair("Median", "中位数"),
    "chart.band_measured": Pair("What happened", "实际走势"),
    "chart.normal": Pair("Normal distribution", "正态分布"),
    "chart.value_at_risk": Pair("5% of the days are worse", "5% 的交易日更差"),
    "chart.adverse": Pair("MAE: furthest against, %", "MAE 最大不利偏离（%）"),
    "chart.favourable": Pair("MFE: furthest with, %", "MFE 最大有利偏离（%）"),
    "chart.return": Pair("Return, %", "收益率（%）"),
    "chart.won": Pair("Won", "盈利"),
    "chart.lost": Pair("Lost", "亏损"),
    "chart.hint": Pair(
        "Drag to zoom, double-click to see all. These charts move together.",
        "拖动可放大，双击还原；各图表联动。",
    ),
    "chart.instrument": Pair("Instrument", "品种"),
    "page.search": Pair("Search", "搜索"),
    "page.found": Pair("{from}–{to} of {total}", "第 {from}–{to} 条，共 {total} 条"),
    "page.none": Pair("Nothing found", "无匹配结果"),
    "page.earlier": Pair("Previous", "上一页"),
    "page.later": Pair("Next", "下一页"),
    "chart.loading": Pair("Unpacking the chart …", "正在展开图表……"),
    "chart.failed": Pair(
        "The chart could not be drawn: this browser lacks DecompressionStream. Open the file in "
        "Chrome 80, Firefox 113, Safari 16.4 or later. The tables are complete.",
        "无法绘制图表：此浏览器不支持 DecompressionStream。请使用 Chrome 80、Firefox 113、"
        "Safari 16.4 或更高版本打开；各表格内容完整。",
    ),
    "chart.no_script": Pair(
        "Charts need JavaScript, which is off in this viewer. The tables are complete.",
        "图表需要 JavaScript，当前查看器已关闭；各表格内容完整。",
    ),
}
