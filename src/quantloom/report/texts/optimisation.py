"""The report of a search for parameters."""

from collections.abc import Mapping

from quantloom.report.texts.pair import Pair

OPTIMISATION: Mapping[str, Pair] = {
    "optimise": Pair("Search for parameters", "参数优化"),
    "optimise.about": Pair("What was searched", "搜索内容"),
    "optimise.belief": Pair("How far to believe it", "可信程度"),
    "optimise.best": Pair("Best sets", "最优参数组"),
    "optimise.surface": Pair("Over two parameters", "参数曲面"),
    "optimise.slices": Pair("Over each parameter", "单参数切片"),
    "optimise.front": Pair("Sets that none other beats", "帕累托前沿"),
    "optimise.splits": Pair("Chosen on one half of the days, tried on the other", "半样本内外对比"),
    "optimise.method": Pair("Method", "方法"),
    "optimise.grid": Pair("grid", "网格"),
    "optimise.random": Pair("by chance", "随机"),
    "optimise.genetic": Pair("genetic (NSGA-II)", "遗传算法（NSGA-II）"),
    "optimise.bayesian": Pair("Bayesian (TPE)", "贝叶斯（TPE）"),
    "optimise.objective": Pair("Objective", "目标"),
    "optimise.trials": Pair("Sets", "参数组"),
    "optimise.done": Pair("done", "完成"),
    "optimise.stopped": Pair("stopped early", "提前停止"),
    "optimise.refused": Pair("refused", "不可行"),
    "optimise.failed": Pair("failed", "失败"),
    "optimise.constraints": Pair("Constraints", "约束"),
    "optimise.executor": Pair("Run by", "执行方式"),
    "optimise.number": Pair("No.", "编号"),
    "optimise.at_best": Pair("others as in the best set", "其余参数取最优组"),
    "optimise.mean": Pair("mean over the others", "其余参数取平均"),
    "optimise.sharpe_in": Pair("Sharpe ratio in sample", "样本内夏普比率"),
    "optimise.sharpe_out": Pair("Sharpe ratio out of sample", "样本外夏普比率"),
    "optimise.pbo_luck": Pair(
        "Probability of backtest overfitting: {share}. What was best on one half of the days did "
        "no better than most on the other: choosing the best of these sets is choosing luck.",
        "过拟合概率（PBO）：{share}。在一半交易日上最优的参数，在另一半上并不优于多数："
        "从中选最优几乎等于选运气。",
    ),
    "optimise.pbo_doubt": Pair(
        "Probability of backtest overfitting: {share}. Now and then the best set is merely lucky.",
        "过拟合概率（PBO）：{share}。最优参数有时只是运气好。",
    ),
    "optimise.pbo_sound": Pair(
        "Probability of backtest overfitting: {share}. What was best on one half of the days "
        "tended to be good on the other.",
        "过拟合概率（PBO）：{share}。在一半交易日上最优的参数，在另一半上通常也较好。",
    ),
    "optimise.dsr_sound": Pair(
        "Deflated Sharpe ratio: {share}. After {trials} trials the best one's ratio is hard to "
        "explain by luck alone.",
        "折减夏普比率（DSR）：{share}。即使试了 {trials} 次，最优者的夏普比率也难以仅用运气解释。",
    ),
    "optimise.dsr_luck": Pair(
        "Deflated Sharpe ratio: {share}. After {trials} trials luck alone could explain the best "
        "one's ratio; 95% is what one asks for.",
        "折减夏普比率（DSR）：{share}。试了 {trials} 次之后，最优者的夏普比率可能仅是运气；"
        "通常要求达到 95%。",
    ),
    "optimise.stability_plateau": Pair(
        "The best set stands on a plateau: neighbours keep {share} of its lead.",
        "最优参数位于高原：相邻参数保留其优势的 {share}。",
    ),
    "optimise.stability_slope": Pair(
        "The best set stands on a slope: neighbours keep {share} of its lead.",
        "最优参数位于斜坡：相邻参数保留其优势的 {share}。",
    ),
    "optimise.stability_spike": Pair(
        "The best set is a spike: neighbours keep {share} of its lead, and the next history will "
        "not meet it exactly.",
        "最优参数是孤立的尖峰：相邻参数仅保留其优势的 {share}，换一段行情很难重现。",
    ),
    "optimise.stability_unknown": Pair(
        "Too few neighbours of the best set were tried to tell a plateau from a spike.",
        "最优参数的相邻参数试得太少，无法区分高原与尖峰。",
    ),
    "optimise.stopped_note": Pair(
        "{count} sets were given up on the first part of the data; they count as trials.",
        "{count} 组参数在前段数据上即被放弃，仍计入试验次数。",
    ),
    "optimise.read_on": Pair(
        "How these figures come about and how to read them: docs/explanation/overfitting.md.",
        "这些数字的来由与读法见 docs/explanation/overfitting.md。",
    ),
    "optimise.surface_note": Pair(
        "{metric} of the best set at each place, whatever the other parameters; warm is good, the "
        "frame is the best set.",
        "每格为该处最优参数组的{metric}（其余参数不限）；暖色为优，加框者为最优参数。",
    ),
    "optimise.splits_note": Pair(
        "A dot for each way to halve the days: the Sharpe ratio of one day of what was best on the "
        "one half, on that half and on the other.",
        "每点对应一种对半划分：在一半上最优者的日夏普比率，及其在另一半上的值。",
    ),
}
