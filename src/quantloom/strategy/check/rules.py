"""Every rule of the check: what it says in both languages, what to do, and code that it finds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from quantloom.strategy.check.findings import Severity

_FRAME = """\
from quantloom import Bar, Context, Parameter, Strategy


class Mine(Strategy):
    '''Buys.'''

    def on_bar(self, ctx: Context, bar: Bar) -> None:
        {line}
"""
_SIGNALS = """\
from quantloom.market import Bars
from quantloom.strategy import Signals, Strategy


class Mine(Strategy):
    '''Buys.'''

    def generate_signals(self, bars: Bars) -> Signals:
        {line}
        return Signals(entries=above, exits=~above)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that is looked for.

    Attributes:
        code: stable; editors and tests name it.
        group: `source`, `shape`, `parameters`, `sandbox`, `look-ahead`, `repeatable` or `style`.
        text_en, text_zh: what is wrong, with names of facts in braces.
        hint_en, hint_zh: what to do.
        example: a line of code that is found.
        frame: where the line stands; `{line}` is its place.
    """

    code: str
    group: str
    severity: Severity
    text_en: str
    text_zh: str
    hint_en: str
    hint_zh: str
    example: str
    frame: str = _FRAME

    @property
    def source(self) -> str:
        """A whole file that the rule has something to say about."""
        return self.frame.replace("{line}", self.example)


_E, _W, _H = Severity.ERROR, Severity.WARNING, Severity.HINT
_WHOLE = "{line}"
_METHOD = _FRAME.replace("{line}", "ctx.buy(bar.symbol)") + "\n    {line}\n"
_DECLARED = (
    _FRAME.replace("'''Buys.'''", "'''Buys.'''\n\n    {line}").replace("        {line}\n", "")
    + "        ctx.buy(bar.symbol, self.size)\n"
)

_SOURCE = (
    Rule(
        code="syntax",
        group="source",
        severity=_E,
        text_en="this is not Python: {problem}",
        text_zh="这不是合法的 Python：{problem}",
        hint_en="mend this place; nothing else is looked at before",
        hint_zh="请先修正此处；在此之前不检查其他内容",
        example="if bar.close > 10\n            ctx.buy(bar.symbol)",
    ),
    Rule(
        code="encoding",
        group="source",
        severity=_E,
        text_en="the text cannot be read: {problem}",
        text_zh="文本无法读取：{problem}",
        hint_en="save the file as UTF-8",
        hint_zh="请以 UTF-8 保存文件",
        example="# -*- coding: klingon -*-\npass",
        frame=_WHOLE,
    ),
    Rule(
        code="too_large",
        group="source",
        severity=_E,
        text_en="{what} is {size}, and {most} are looked at",
        text_zh="{what_zh}为 {size}，而最多检查 {most}",
        hint_en="keep data out of the code: give them to the run as columns of its bars",
        hint_zh="请勿把数据写进代码：可作为行情的列交给运行",
        example="data = [0, 0]",
        frame=_WHOLE,
    ),
    Rule(
        code="too_deep",
        group="source",
        severity=_E,
        text_en="the code nests deeper than Python's parser follows",
        text_zh="代码嵌套过深，Python 的解析器无法处理",
        hint_en="write the expression in steps",
        hint_zh="请把表达式分步书写",
        example="x = [[[[0]]]]",
        frame=_WHOLE,
    ),
)

_SHAPE = (
    Rule(
        code="no_strategy",
        group="shape",
        severity=_E,
        text_en="no class here extends Strategy",
        text_zh="此处没有继承 Strategy 的类",
        hint_en="write `class Mine(Strategy):`; `quantloom strategy new` makes a file",
        hint_zh="请写 `class Mine(Strategy):`；`quantloom strategy new` 可生成起始文件",
        example="class Mine:\n    pass",
        frame=_WHOLE,
    ),
    Rule(
        code="several_strategies",
        group="shape",
        severity=_W,
        text_en="{name} is strategy {place} of {count} in this file",
        text_zh="{name} 是本文件 {count} 个策略中的第 {place} 个",
        hint_en="keep one in a file, or name the one to run, as in `file.py:{name}`",
        hint_zh="每个文件只放一个，或指明要运行哪一个，例如 `file.py:{name}`",
        example="class Other(Strategy):\n    '''Buys too.'''\n\n"
        "    def on_bar(self, ctx: Context, bar: Bar) -> None:\n        ctx.buy(bar.symbol)",
        frame=_FRAME.replace("{line}", "ctx.buy(bar.symbol)") + "\n\n{line}\n",
    ),
    Rule(
        code="no_callback",
        group="shape",
        severity=_E,
        text_en="{name} has no callback that market data reach",
        text_zh="{name} 没有任何接收行情的回调",
        hint_en="write `on_bar(self, ctx, bar)`, or on_bars, on_tick, on_timer, generate_signals",
        hint_zh="请写 `on_bar(self, ctx, bar)`，或 on_bars、on_tick、on_timer、generate_signals",
        example="class Mine(Strategy):\n    '''Buys.'''",
        frame="from quantloom import Strategy\n\n\n{line}\n",
    ),
    Rule(
        code="wrong_signature",
        group="shape",
        severity=_E,
        text_en="{name} is called as {name}({wanted}), which it does not take",
        text_zh="{name} 会以 {name}({wanted}) 的形式被调用，而它不接受这些参数",
        hint_en="declare `def {name}({wanted})`",
        hint_zh="请声明为 `def {name}({wanted})`",
        example="def on_fill(self, ctx): ...",
        frame=_METHOD,
    ),
    Rule(
        code="async_callback",
        group="shape",
        severity=_E,
        text_en="{name} is asynchronous, and nothing awaits it",
        text_zh="{name} 是异步函数，而没有任何代码会 await 它",
        hint_en="write `def {name}`; only classes with on_market_data are adapted",
        hint_zh="请写 `def {name}`；只有带 on_market_data 的类才会被适配",
        example="async def on_fill(self, ctx, fill): ...",
        frame=_METHOD,
    ),
    Rule(
        code="unknown_callback",
        group="shape",
        severity=_W,
        text_en="nothing calls {name}",
        text_zh="没有任何代码调用 {name}",
        hint_en="{guess}the callbacks are {known}",
        hint_zh="{guess_zh}可用的回调有 {known}",
        example="def on_bars_close(self, ctx, bar): ...",
        frame=_METHOD,
    ),
    Rule(
        code="own_init",
        group="shape",
        severity=_W,
        text_en="{name} has an __init__ that does not call super().__init__(**values)",
        text_zh="{name} 的 __init__ 没有调用 super().__init__(**values)",
        hint_en="set state up in `initialize(self, ctx)`: parameters are set in __init__",
        hint_zh="请在 `initialize(self, ctx)` 中建立状态：参数是在 __init__ 中设置的",
        example="def __init__(self): self.count = 0",
        frame=_METHOD,
    ),
    Rule(
        code="asked_too_late",
        group="shape",
        severity=_E,
        text_en="ctx.{name} is asked for in {callback}, when bars have begun",
        text_zh="在 {callback} 中才请求 ctx.{name}，此时行情已开始",
        hint_en="ask for it in `initialize` and keep it: `self.average = ctx.indicator(...)`",
        hint_zh="请在 `initialize` 中请求并保存：`self.average = ctx.indicator(...)`",
        example="average = ctx.indicator('SMA', 20)",
    ),
    Rule(
        code="unknown_context",
        group="shape",
        severity=_W,
        text_en="a context has no {name}",
        text_zh="上下文没有 {name}",
        hint_en="{guess}docs/reference/strategy.md lists what it offers",
        hint_zh="{guess_zh}docs/reference/strategy.md 列出它提供的内容",
        example="ctx.byu(bar.symbol)",
    ),
    Rule(
        code="bar_kept",
        group="shape",
        severity=_W,
        text_en="{name} is kept, and is a live view: reading it after the callback raises StaleBar",
        text_zh="{name} 被保存，但它是实时视图：回调结束后再读取会引发 StaleBar",
        hint_en="keep `{name}.copy()`",
        hint_zh="请保存 `{name}.copy()`",
        example="self.last = bar",
    ),
    Rule(
        code="class_state",
        group="shape",
        severity=_W,
        text_en="{name} belongs to the class: every run and every instance shares it",
        text_zh="{name} 属于类：所有运行和实例共用它",
        hint_en="set it in `initialize`; a constant is written in capitals or as ClassVar",
        hint_zh="请在 `initialize` 中设置；常量请用大写或 ClassVar",
        example="seen = []",
        frame=_METHOD,
    ),
    Rule(
        code="global_state",
        group="shape",
        severity=_W,
        text_en="{name} is changed as a global: every run shares it",
        text_zh="{name} 作为全局变量被修改：所有运行共用它",
        hint_en="keep it on self, set up in `initialize`",
        hint_zh="请保存在 self 上，并在 `initialize` 中建立",
        example="global count",
    ),
)

_PARAMETERS = (
    Rule(
        code="unused_parameter",
        group="parameters",
        severity=_W,
        text_en="parameter {name} is declared and never read",
        text_zh="参数 {name} 已声明但从未读取",
        hint_en="read `self.{name}`, or take the parameter out: an optimiser would search it",
        hint_zh="请读取 `self.{name}`，或去掉该参数：优化器会搜索它",
        example="forgotten: int = Parameter(2, low=1, high=5)",
        frame=_DECLARED.replace("self.size", "1"),
    ),
    Rule(
        code="unbounded_parameter",
        group="parameters",
        severity=_H,
        text_en="parameter {name} has no {missing}",
        text_zh="参数 {name} 没有 {missing}",
        hint_en="give low= and high=, so that forms and optimisers know what makes sense",
        hint_zh="请给出 low= 和 high=，使表单和优化器知道合理范围",
        example="size: int = Parameter(2)",
        frame=_DECLARED,
    ),
    Rule(
        code="bad_parameter",
        group="parameters",
        severity=_E,
        text_en="parameter {name} {problem}",
        text_zh="参数 {name} 不成立：{problem_zh}",
        hint_en="make default, bounds and choices fit each other; a run refuses it otherwise",
        hint_zh="请使默认值、上下限和可选值相互一致，否则运行会拒绝",
        example="size: int = Parameter(2, low=5, high=9)",
        frame=_DECLARED,
    ),
    Rule(
        code="reserved_parameter",
        group="parameters",
        severity=_E,
        text_en="parameter {name} has a name that Strategy itself uses",
        text_zh="参数 {name} 与 Strategy 自身的名称冲突",
        hint_en="call it something else",
        hint_zh="请换一个名称",
        example="values: int = Parameter(2, low=1, high=9)",
        frame=_DECLARED.replace("self.size", "self.values"),
    ),
    Rule(
        code="parameter_changed",
        group="parameters",
        severity=_W,
        text_en="parameter {name} is set anew while the strategy runs",
        text_zh="参数 {name} 在运行中被重新赋值",
        hint_en="keep what changes in an attribute of another name: the result tells the parameter",
        hint_zh="请把会变的值放在另一个名称的属性里：结果会记录参数",
        example="size: int = Parameter(2, low=1, high=9)",
        frame=_DECLARED + "        self.size = 3\n",
    ),
)

_SANDBOX = (
    Rule(
        code="forbidden_import",
        group="sandbox",
        severity=_W,
        text_en="{name} reaches files, processes, the network or the interpreter",
        text_zh="{name} 可触及文件、进程、网络或解释器",
        hint_en="leave it out: a strategy is given its data, and a sandboxed run has none of these",
        hint_zh="请去掉：数据会交给策略，而沙箱中没有这些",
        example="import os",
    ),
    Rule(
        code="unlisted_import",
        group="sandbox",
        severity=_W,
        text_en="{name} is none of the modules that a sandboxed run has",
        text_zh="{name} 不在沙箱可用的模块之列",
        hint_en="use those of docs/reference/findings.md, or put the code into this file",
        hint_zh="请使用 docs/reference/findings.md 所列模块，或把代码写进本文件",
        example="import my_other_file",
    ),
    Rule(
        code="forbidden_call",
        group="sandbox",
        severity=_W,
        text_en="{name}() runs text as code, or leaves the strategy",
        text_zh="{name}() 把文本当代码运行，或越出策略",
        hint_en="say what you mean in code; a sandboxed run may refuse it",
        hint_zh="请直接用代码表达；沙箱可能拒绝",
        example="eval('1 + 1')",
    ),
    Rule(
        code="file_access",
        group="sandbox",
        severity=_W,
        text_en="{name}() reads or writes a file, and a sandboxed run has none",
        text_zh="{name}() 读写文件，而沙箱中没有文件",
        hint_en="give the data to the run: as columns of its bars, or as parameters",
        hint_zh="请把数据交给运行：作为行情的列，或作为参数",
        example="prices = np.load('prices.npy')",
    ),
    Rule(
        code="private_attribute",
        group="sandbox",
        severity=_W,
        text_en="{name} reaches into the interpreter or past what a module offers",
        text_zh="{name} 触及解释器内部，或越过模块公开的内容",
        hint_en="use the public way; `type(x)` tells the class of a thing",
        hint_zh="请使用公开的方式；`type(x)` 可得到对象的类",
        example="bar.__class__",
    ),
    Rule(
        code="hidden_name",
        group="sandbox",
        severity=_W,
        text_en="a text spells {name}, a name of the interpreter's inside",
        text_zh="文本中拼出了 {name}，这是解释器内部的名称",
        hint_en="leave it out, if it is no mistake; nothing a strategy does needs it",
        hint_zh="如非笔误请去掉；策略用不到它",
        example="getattr(bar, '__globals__')",
    ),
    Rule(
        code="waits",
        group="sandbox",
        severity=_W,
        text_en="{name}() waits, and time stands still between two bars",
        text_zh="{name}() 会等待，而两根行情之间时间静止",
        hint_en="use `ctx.timer(...)` and `on_timer` to act later",
        hint_zh="请用 `ctx.timer(...)` 和 `on_timer` 稍后再行动",
        example="time.sleep(1)",
    ),
    Rule(
        code="endless_loop",
        group="sandbox",
        severity=_W,
        text_en="this loop has no way out",
        text_zh="此循环没有出口",
        hint_en="end it by a break or a condition; a run that goes on too long is stopped",
        hint_zh="请用 break 或条件结束；运行过久会被终止",
        example="while True: pass",
    ),
    Rule(
        code="parallel",
        group="sandbox",
        severity=_H,
        text_en="parallel=True has no effect: kernels in a strategy run on one core",
        text_zh="parallel=True 无效：策略中的内核在单核上运行",
        hint_en="leave it out; sweeps use all cores",
        hint_zh="请去掉；参数扫描会用满所有核",
        example="run = numba.njit(parallel=True)",
    ),
)

_LOOK_AHEAD = (
    Rule(
        code="shift_ahead",
        group="look-ahead",
        severity=_W,
        text_en="{name} by a negative number brings later rows to earlier ones",
        text_zh="{name} 以负数移动，把后面的行带到前面",
        hint_en="shift by a positive number: row i may know rows up to i alone",
        hint_zh="请用正数移动：第 i 行只能知道第 i 行及以前",
        example="later = frame.close.shift(-1)",
    ),
    Rule(
        code="index_ahead",
        group="look-ahead",
        severity=_W,
        text_en="an index plus something reads a later bar",
        text_zh="下标加上某数会读到后面的行情",
        hint_en="read up to the bar at hand; signals may see closed bars only",
        hint_zh="请只读到当前行情；信号只能看到已收盘的行情",
        example="later = self.average[i + 1]",
    ),
    Rule(
        code="last_of_all",
        group="look-ahead",
        severity=_W,
        text_en="{name}[-{back}] is counted from the end of the whole run here",
        text_zh="此处 {name}[-{back}] 是从整个运行的末尾数起",
        hint_en="each row must know rows up to itself alone: work with whole arrays, or with row i",
        hint_zh="每一行只能知道自己及以前的行：请使用整列运算或第 i 行",
        example="above = bars.close > bars.close[-1]",
        frame=_SIGNALS,
    ),
    Rule(
        code="reversed_time",
        group="look-ahead",
        severity=_W,
        text_en="{name} is turned around, so that what is worked out comes from later rows",
        text_zh="{name} 被倒序，由此得到的结果来自后面的行",
        hint_en="work forwards in time",
        hint_zh="请按时间正向计算",
        example="above = np.maximum.accumulate(bars.high[::-1])[::-1] > 10",
        frame=_SIGNALS,
    ),
    Rule(
        code="fills_backward",
        group="look-ahead",
        severity=_W,
        text_en="{name} fills a gap with what came after it",
        text_zh="{name} 用之后的值填补空缺",
        hint_en="fill forward: `ffill()`, or leave the gap",
        hint_zh="请向前填充：`ffill()`，或保留空缺",
        example="filled = frame.close.bfill()",
    ),
    Rule(
        code="centered",
        group="look-ahead",
        severity=_W,
        text_en="{name} looks to both sides of a row, so at later rows too",
        text_zh="{name} 同时看一行的两侧，因而也看到后面的行",
        hint_en="use a window that ends with its row; the indicators of the catalog do",
        hint_zh="请使用以当前行结尾的窗口；目录中的指标均如此",
        example="mean = frame.close.rolling(5, center=True).mean()",
    ),
    Rule(
        code="whole_sample",
        group="look-ahead",
        severity=_W,
        text_en="{name} is taken over the whole run, so each row knows all later ones",
        text_zh="{name} 对整个运行计算，因而每一行都知道之后的所有行",
        hint_en="use a rolling or an expanding window, or fit on the past alone",
        hint_zh="请用滚动或扩展窗口，或只在过去的数据上拟合",
        example="above = bars.close > bars.close.mean()",
        frame=_SIGNALS,
    ),
)

_REPEATABLE = (
    Rule(
        code="own_clock",
        group="repeatable",
        severity=_W,
        text_en="{name}() is not the bar's time, and a run made again gives another result",
        text_zh="{name}() 不是行情的时间，再次运行会得到不同结果",
        hint_en="use `ctx.now` and `ctx.trading_day`",
        hint_zh="请使用 `ctx.now` 和 `ctx.trading_day`",
        example="now = datetime.now()",
    ),
    Rule(
        code="own_random",
        group="repeatable",
        severity=_W,
        text_en="{name}() ignores the run's seed, and a run made again gives another result",
        text_zh="{name}() 不理会运行的种子，再次运行会得到不同结果",
        hint_en="draw from `ctx.random`",
        hint_zh="请从 `ctx.random` 取随机数",
        example="chance = random.random()",
    ),
    Rule(
        code="unordered",
        group="repeatable",
        severity=_W,
        text_en="{name} of texts differs from process to process",
        text_zh="文本的 {name} 在每个进程中都不同",
        hint_en="go through `sorted(...)`, or use a list or a dict, which keep their order",
        hint_zh="请用 `sorted(...)`，或使用保持顺序的列表或字典",
        example="for symbol in {'a.SSE', 'b.SSE'}: ctx.buy(symbol)",
    ),
)

_STYLE = (
    Rule(
        code="use_log",
        group="style",
        severity=_H,
        text_en="what is printed is not kept with the run",
        text_zh="打印的内容不会随运行保存",
        hint_en="use `ctx.log(...)`: its lines carry the bar's time and stay with the result",
        hint_zh="请使用 `ctx.log(...)`：它带有行情时间并随结果保存",
        example="print(bar.close)",
    ),
    Rule(
        code="no_docstring",
        group="style",
        severity=_H,
        text_en="{name} does not say what it does",
        text_zh="{name} 没有说明它做什么",
        hint_en="write a sentence below the class line; lists show it",
        hint_zh="请在类声明下写一句说明；列表会显示它",
        example="class Mine(Strategy):\n"
        "    def on_bar(self, ctx: Context, bar: Bar) -> None:\n        ctx.buy(bar.symbol)",
        frame="from quantloom import Bar, Context, Strategy\n\n\n{line}\n",
    ),
    Rule(
        code="class_name",
        group="style",
        severity=_H,
        text_en="{name} is not spelled like a class",
        text_zh="{name} 的写法不像类名",
        hint_en="write it as `{wanted}`",
        hint_zh="请写作 `{wanted}`",
        example="class my_idea(Strategy):\n    '''Buys.'''\n\n"
        "    def on_bar(self, ctx: Context, bar: Bar) -> None:\n        ctx.buy(bar.symbol)",
        frame="from quantloom import Bar, Context, Strategy\n\n\n{line}\n",
    ),
    Rule(
        code="star_import",
        group="style",
        severity=_H,
        text_en="it is not seen which names come from {name}",
        text_zh="看不出哪些名称来自 {name}",
        hint_en="name them: `from {name} import ...`",
        hint_zh="请逐一写出：`from {name} import ...`",
        example="from quantloom.strategy import *\npass",
        frame="{line}\n" + _FRAME.replace("{line}", "ctx.buy(bar.symbol)"),
    ),
    Rule(
        code="swallowed_error",
        group="style",
        severity=_H,
        text_en="every error is swallowed here, those of the engine too",
        text_zh="此处吞掉了所有错误，包括引擎的错误",
        hint_en="catch what you expect, such as `except ZeroDivisionError:`",
        hint_zh="请只捕获预期的错误，例如 `except ZeroDivisionError:`",
        example="try: ctx.buy(bar.symbol)\n        except: pass",
    ),
)


def _by_code(rules: Iterable[Rule]) -> Mapping[str, Rule]:
    return MappingProxyType({rule.code: rule for rule in rules})


RULES: Mapping[str, Rule] = _by_code(
    _SOURCE + _SHAPE + _PARAMETERS + _SANDBOX + _LOOK_AHEAD + _REPEATABLE + _STYLE
)
"""Every rule by its code, in the order in which they are told."""
