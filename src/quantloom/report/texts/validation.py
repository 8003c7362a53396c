"""The reports of walking forward and of cross-validation."""

from collections.abc import Mapping

from quantloom.report.texts.pair import Pair

VALIDATION: Mapping[str, Pair] = {
    "walk.title": Pair("Walk forward: {strategy}", "滚动检验：{strategy}"),
    "validate.title": Pair("Cross-validation: {strategy}", "交叉验证：{strategy}"),
    "validate.outside": Pair("Out of sample", "样本外表现"),
    "validate.stitched": Pair("Equity out of sample, from 100", "样本外权益（从 100 起）"),
    "validate.windows": Pair("Windows", "各窗口"),
    "validate.drift": Pair("How restless parameters are", "参数漂移"),
    "validate.spread": Pair("How Sharpe ratios spread", "夏普比率分布"),
    "validate.paths": Pair("Paths", "各路径"),
    "validate.cv_splits": Pair("Splits", "各划分"),
    "validate.efficiency": Pair(
        "Efficiency {share}: yearly return out of sample over that in sample. Near 100% the choice "
        "keeps what it promised; near 0% or below it was made of noise.",
        "效率 {share}：样本外年化收益除以样本内年化收益。接近 100% 说明选择名副其实；"
        "接近 0% 或为负说明选的是噪声。",
    ),
    "validate.no_efficiency": Pair(
        "There is no efficiency: the chosen sets earned nothing in sample.",
        "无法计算效率：所选参数在样本内没有收益。",
    ),
    "validate.nothing": Pair("Nothing was run out of sample.", "没有样本外结果。"),
    "validate.curve_note": Pair(
        "Daily returns chained; each test starts flat, and a position open at its end is valued at "
        "the last close.",
        "日收益率相连；每段样本外从空仓开始，期末持仓按最后收盘价计值。",
    ),
    "validate.path_note": Pair(
        "Each path has every day once, with the returns of the set that was chosen on other days.",
        "每条路径含全部交易日各一次，收益来自在其他日子上选出的参数。",
    ),
    "validate.train": Pair("In sample", "样本内"),
    "validate.test": Pair("Out of sample", "样本外"),
    "validate.in": Pair("{label} in", "样本内{label}"),
    "validate.out": Pair("{label} out", "样本外{label}"),
    "validate.drift_values": Pair("values", "取值数"),
    "validate.drift_changes": Pair("changes", "变动次数"),
    "validate.drift_step": Pair("mean step, of the range", "平均步幅（占范围）"),
    "validate.median": Pair("Median Sharpe ratio", "夏普比率中位数"),
    "validate.range": Pair("5% to 95%", "5% 至 95%"),
    "validate.loss": Pair("Paths that lose money", "亏损路径占比"),
    "validate.folds": Pair("Folds", "划分"),
    "validate.folds_value": Pair(
        "{splits} splits of {groups} groups with {tests} tests make {paths} paths; purge {purge} "
        "days, embargo {embargo}",
        "{groups} 组中取 {tests} 组测试，共 {splits} 种划分、{paths} 条路径；"
        "清除 {purge} 天，禁运 {embargo} 天",
    ),
    "validate.tested": Pair("Tests", "测试组"),
    "validate.training_days": Pair("Training days", "训练天数"),
}
