"""The report of a search for parameters."""

from collections.abc import Mapping

from quantloom.report.texts.pair import Pair

OPTIMISATION: Mapping[str, Pair] = {
    "optimise.title": Pair("Search for parameters: {strategy}", "参数优化：{strategy}"),
    "optimise.about": Pair("What was searched", "搜索内容"),
    "optimise.belief": Pair("How far to believe it", "可信程度"),
    "optimise.best": Pair("Best sets", "最优参数组"),
    "optimise.surface": Pair("Over two parameters", "参数曲面"),
    "optimise.threads": Pair("Through all parameters", "全部参数（平行坐标）"),
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
    "optimise.by_sweep": Pair(
        "compiled kernels, all sets in one go", "编译内核，一次算完全部参数组"
    ),
    "optimise.by_signals": Pair(
        "compiled code that follows the strategy's signals, set by set",
        "编译代码按策略信号逐组执行",
    ),
    "optimise.by_backtests": Pair("a whole backtest for each set", "每组参数各做一次完整回测"),
    "optimise.by_merged": Pair("put together from parts", "由各部分合并而成"),
    "optimise.by_unknown": Pair("read back from its folder", "从保存的文件夹读回"),
    "optimise.by_processes": Pair("in {count} processes", "使用 {count} 个进程"),
    "optimise.more": Pair("{metric}, more is better", "{metric}（越大越好）"),
    "optimise.less": Pair("{metric}, less is better", "{metric}（越小越好）"),
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
    "optimise.pbo_none": Pair(
        "Probability of backtest overfitting: none. It needs two sets at least that were run over "
        "the same days, which sets with warm-ups of their own are not.",
        "过拟合概率（PBO）：无法计算。至少需要两组在相同交易日上运行的参数；预热期各不相同时不满足。",
    ),
    "optimise.pbo_reading": Pair(
        "The days are halved in every way. PBO is how often the set that was best on one half lies "
        "in the lower half of the field on the other. 50% is what drawing a set by lot gives; the "
        "nearer to 0%, the more the choice means.",
        "把交易日以各种方式对半划分：PBO 是“一半上的最优者，在另一半上排在后一半”的比例。"
        "随机抽签约为 50%；越接近 0%，这次挑选越有意义。",
    ),
    "optimise.dsr_sound": Pair(
        "Deflated Sharpe ratio: {share}. After {trials} trials the best one's ratio is hard to "
        "explain by luck alone.",
        "紧缩夏普比率（DSR）：{share}。即使试了 {trials} 次，最优者的夏普比率也难以仅用运气解释。",
    ),
    "optimise.dsr_luck": Pair(
        "Deflated Sharpe ratio: {share}. After {trials} trials luck alone could explain the best "
        "one's ratio; 95% is what one asks for.",
        "紧缩夏普比率（DSR）：{share}。试了 {trials} 次之后，最优者的夏普比率可能仅是运气；"
        "通常要求达到 95%。",
    ),
    "optimise.dsr_reading": Pair(
        "The Sharpe ratio is the return over its ups and downs, and the best of many sets has a "
        "high one by luck alone. This is how likely the best one's true ratio is above what so "
        "many sets have by luck: below 50% luck alone would look better, up to 95% nothing is "
        "shown yet.",
        "夏普比率是收益与其波动之比；试得越多，最优者仅凭运气就越高。DSR 是最优者的真实夏普比率"
        "高于“这么多次尝试的运气”的概率：低于 50% 表示光靠运气会更好，95% 以下尚不能证明什么。",
    ),
    "optimise.dsr_alone": Pair(
        " Only the sets of this search are counted; with what was tried before it is lower.",
        "此处只计本次搜索的参数组；若计入以前的尝试，数值会更低。",
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
        "Too few sets were tried near the best one to tell a plateau from a spike.",
        "最优参数附近试得太少，无法区分高原与尖峰。",
    ),
    "optimise.stability_reading": Pair(
        "Neighbours are the sets one step of one parameter away. A strategy that works does so at "
        "neighbouring values too: from two thirds of the lead over the median set on it is called "
        "a plateau, up to one third a spike.",
        "相邻参数指某一个参数相差一格的参数组。真正有效的策略在相邻取值上也有效："
        "相对中位参数组的优势保留三分之二以上称为高原，三分之一以下称为尖峰。",
    ),
    "optimise.stability_near": Pair(
        "Neighbours are its {count} nearest sets, in which no parameter differs by more than "
        "{reach} of its range; their figures spread by {spread}. From two thirds of the lead over "
        "the median set on it is called a plateau, up to one third a spike; a good region narrower "
        "than that looks like a spike.",
        "相邻参数取最近的 {count} 组，任一参数相差不超过其范围的 {reach}；"
        "它们的指标离散度为 {spread}。"
        "相对中位参数组的优势保留三分之二以上称为高原，三分之一以下称为尖峰；"
        "比这一距离更窄的有效区域也会显得像尖峰。",
    ),
    "optimise.stability_far": Pair(
        "That takes {count} sets of which no parameter differs by more than {most} of its range. "
        "Try more sets, or fewer parameters.",
        "判断需要 {count} 组参数，其任一参数相差不超过范围的 {most}。请多试几组，或减少参数。",
    ),
    "optimise.steadiest": Pair(
        "Best together with its neighbours is {values}, {metric} {worth}: often the better choice.",
        "连同相邻参数一起最优的是 {values}，{metric} {worth}：往往是更好的选择。",
    ),
    "optimise.stopped_note": Pair(
        "{count} sets were given up on the first part of the data; they count as trials.",
        "{count} 组参数在前段数据上即被放弃，仍计入试验次数。",
    ),
    "optimise.read_on": Pair(
        'An example with all of these figures is on the page "How likely this is luck" of the '
        "documentation (docs/explanation/overfitting.md).",
        "这些指标的完整示例见文档 docs/explanation/overfitting.md。",
    ),
    "optimise.dots_note": Pair(
        "A dot for each set, at most 600, coloured by its {metric}; warm is good, the ring is the "
        "best set.",
        "每点为一组参数（至多 600 组），按{metric}着色；暖色为优，圆圈为最优参数。",
    ),
    "optimise.along_note": Pair(
        "A dot for each set, at most 600; the ring is the best one. Where good dots lie at every "
        "value, the parameter decides little.",
        "每点为一组参数（至多 600 组），圆圈为最优参数。若各取值处都有好的点，说明该参数影响不大。",
    ),
    "optimise.threads_note": Pair(
        "A line for each set, at most 600: it crosses each scale at the set's value and ends at "
        "its {metric}. Warm lines are good ones, the thick one is the best. Where warm lines come "
        "together a parameter decides; where they fan out it does not.",
        "每条线为一组参数（至多 600 组）：依次穿过各参数的取值，终点为其{metric}。暖色为优，"
        "粗线为最优参数。暖色线汇聚处，该参数起决定作用；散开处则影响不大。",
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
