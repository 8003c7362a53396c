"""Error texts in Chinese, by the error's code. English ones are the errors' own.

A text is a format string over the error's attributes; several values are joined by commas.
Installed packages bring those of their own errors by the entry point group `quantloom.messages`.
"""

import re
from functools import cache
from importlib.metadata import entry_points

from quantloom.errors import QuantloomError

ENTRY_POINTS = "quantloom.messages"
"""Packages name here a mapping from the codes of their errors to texts in Chinese."""

_CHINESE: dict[str, str] = {
    "backtest.asked_too_late": "{label} 是在K线回调中才要的；请在 initialize 中取得并保存",
    "backtest.bad_audit": "audit 为 {given!r}；应为 auto、full、off，或秒数，例如 5",
    "backtest.bad_cash": "初始资金为 {cash}，必须大于零",
    "backtest.bad_lineage": "{strategy}.lineage 为 {given!r}；应为文本，例如 'trend'",
    "backtest.no_lineage": "未统计过 {lineage} 的试验；`quantloom trials list` 列出已有的",
    "backtest.bad_moment": "“{text}”不是日期或时间，请写成 2024-01-31 或 2024-01-31T09:30",
    "backtest.bad_setting": "{field} 为 {value}，必须是{wanted}",
    "backtest.action_of_other": "给出了 {symbol} 的分红送转，而回测只有 {known} 的K线；"
    "请去掉，或按K线的代码书写",
    "backtest.bad_packing": "返回的内容不是回测结果：{problem}；请重新运行",
    "backtest.refused_inside": "{chinese}",
    "backtest.run_cancelled": "{strategy} 的回测已取消；如需结果，请重新运行",
    "backtest.run_ended": "回测被终止（{reason}）：{detail}",
    "backtest.bad_names": "{names} 不能作为 {results} 个结果的名称；"
    "请为每个结果起不同的名称（metric、day、name 除外）",
    "backtest.bad_seed": "随机种子为 {seed}，必须是不小于零的整数",
    "backtest.corrupt_result": "无法读取 {folder} 中的回测结果：{problem}；请重新运行并保存",
    "backtest.bad_rates": "{currency} 的汇率中有 {found}，每个汇率都必须大于零",
    "backtest.no_rate_yet": "需要兑换 {currency}，但当时还没有它的汇率；"
    "请提供更早的汇率，或推迟开始日期",
    "backtest.rates_end": "{currency} 的汇率早于回测结束很久就没有了；请补齐汇率，或提前结束回测",
    "backtest.rates_missing": "账户币种为 {currency}，而品种的币种有 {missing}；请用 fx= 给出它们"
    "以 {currency} 计的价格：K线、文件，或不变的数字",
    "backtest.rates_unused": "fx 中的 {name} 与本次回测的币种（{currencies}）无关；请去掉它，"
    "或在 Instrument(currency=...) 中说明品种的币种",
    "backtest.not_quick": "快速组合不支持规则、分红送转、换月、利息、延迟、更细的K线、"
    "其他货币、反向合约、平今手续费和平方根冲击；请把策略交给 backtest()",
    "backtest.not_bars": "{given} 不是K线；请传入 open_catalog().read(代码, 周期) 的结果、"
    "pandas 表、文件，或“代码 → 其中之一”的映射",
    "backtest.not_a_strategy": "{given} 不是策略；请给出继承 Strategy 的类，或它的名字",
    "backtest.other_instrument": "K线属于 {symbol}，合约却是 {instrument}，请统一",
    "backtest.no_result": "{folder} 中没有回测结果；可用 result.save(folder) "
    "或 quantloom backtest run --save 保存",
    "backtest.no_price_yet": "{symbol} 还没有K线，因此没有价格；请等 on_bars 给出它，或指定数量",
    "backtest.no_such_column": "K线中没有“{column}”列，现有：{known}",
    "backtest.nothing_to_compare": "对比至少需要两个回测结果，现有 {count} 个",
    "backtest.no_signals": "{strategy} 没有 generate_signals(self, bars)，"
    "也没有 generate_weights(self, panel)，向量化引擎无所依循；"
    "请写上，或用 engine='event' 运行",
    "backtest.needs_event_engine": "编译核心不支持：{gap}；请用 backtest() 运行",
    "backtest.one_sizing": "{given} 只能给一个",
    "backtest.result_there": "{folder} 中已有另一个回测结果；请换一个文件夹，或替换它："
    "replace=True，命令行用 --force",
    "backtest.too_many_rows": "{table} 有 {rows} 行，而一张工作表最多 {most} 行；"
    "请改用 CSV 或 Parquet",
    "backtest.xlsx_extra_missing": "导出工作簿需要 xlsxwriter，"
    "请安装：pip install 'quantloom[xlsx]'",
    "client.bad_address": "{address!r} 不是服务的地址；应写成 http://127.0.0.1:8000",
    "client.request_refused": "服务拒绝了请求（{problem_code}）：{detail}",
    "client.service_unavailable": "位于 {address} 的服务没有应答（{reason}）；请稍后再试",
    "optimise.bad_constraint": "约束“{text}”有误：{problem}；请比较参数与数字，如 'fast < slow' "
    "或 'slow >= 2 * fast and stop > 0'",
    "optimise.bad_objective": "目标“{text}”有误：{problem}；请写指标名，如 sharpe_ratio，"
    "或 max:指标、min:指标",
    "optimise.bad_space": "{parameter} 的取值范围有误：{problem}；请写 range(5, 50, 5)、"
    "(下限, 上限)、(下限, 上限, 步长) 或取值列表",
    "optimise.bad_study": "{setting} 为 {value}，必须是 {wanted}",
    "optimise.corrupt_study": "无法读取 {path}：{problem}；请删除该文件夹并重新运行",
    "optimise.every_set_fails": "前 {count} 组参数全部失败，第一组的原因：{problem}",
    "optimise.extra_missing": "该方法需要 {library}，请安装：pip install 'quantloom[optimise]'；"
    "网格与随机搜索不需要它",
    "optimise.judged_among_fewer": "{folder} 在试完 {kept} 组参数后结束，"
    "停在一批（{batch} 组）中途；"
    "提前停止是把一批放在一起评判的，放进整批后其中有些结果会不同。"
    "请换一个文件夹重新开始，并让组数是 {batch} 的整数倍",
    "optimise.no_study": "{folder} 中没有优化研究；可用 quantloom optimize run --save 文件夹，"
    "或 optimise(..., folder=文件夹) 保存",
    "optimise.not_carried": "策略或设置无法交给其他进程：{problem}；请把策略写入文件，"
    "或用 workers=1 运行",
    "optimise.nothing_allowed": "{parameters} 的取值中没有一组满足 {constraints}；"
    "请放宽约束，或扩大取值范围",
    "optimise.nothing_found": "{trials} 组参数都没有 {objectives} 的值；请查看 result.trials "
    "中各组的情况，并扩大参数范围或数据",
    "optimise.other_study": "{folder} 中的优化研究与所给的不同（{differing}）；"
    "请恢复当初的设置，或换一个文件夹",
    "optimise.study_busy": "另一个进程正在运行 {folder} 中的研究；请等待它结束，或将其终止",
    "optimise.unknown_method": "没有方法“{method}”，可选 grid、random、genetic、bayesian",
    "optimise.workers_die": "工作进程尚未运行回测就已退出：{problem}；"
    "workers=1（--workers 1）在本进程中运行，可看到原因",
    "cli.service_missing": "`quantloom {command}` 属于服务部分，需要 {package}；"
    "请安装：pip install 'quantloom[server]'",
    "cli.bad_currency": "--currency “{text}”不是币种；"
    "请写货币代码（如 CNY、USD）或币种代码（如 USDT），即三到五个大写字母或数字",
    "cli.bad_column": "--column “{text}”不是 列名=角色；请写成 --column Last=close 或 #3=ignored",
    "cli.mixed_bars": "{path} 会把 {symbol} 的报价K线与成交K线混在一起；"
    "请用另一个 --symbol 分开导入",
    "cli.nothing_to_check": "{what} 里没有可检查的K线；文件夹中只读取后缀为表格的文件，"
    "其他文件请逐个给出",
    "cli.nothing_to_import": "{path} 里没有文件；请给出文件，或有文件的文件夹",
    "cli.unanswered": "{path}：需要有人回答一个问题；请用 {flag} 说明",
    "cli.bad_folds": "--folds “{text}”不是 组数:测试组数，请写成 --folds 6:2",
    "cli.bad_span": "--space “{text}”没有给出取值；请写 fast=5:50 表示 5 到 50，"
    "fast=5:50:5 表示每隔 5，或 mode=calm,wild",
    "cli.bad_stop": "不认识 --stop-early “{text}”；请写 0.25:0.5，即用前四分之一的数据评判、"
    "保留较好的一半；或 0.1,0.3:0.5 评判两次",
    "cli.not_resumable": "{folder} 不是由 quantloom optimize run 开始的，此处不知道它的数据；"
    "请像当初一样调用 optimise(..., folder=...)",
    "cli.one_validation": "滚动检验用 --train 和 --test（或 --windows），"
    "交叉验证用 --folds，二者择一",
    "cli.bad_fix": "--fix “{text}”不是 检查项=办法，请写成 --fix outliers=drop；可修复的有 {known}",
    "cli.bad_gate": "不认识 --low-grade “{text}”，请写 refuse 或 warn",
    "cli.bad_day": "“{text}”不是日期，请写成 2024-03-01",
    "cli.bad_swap_file": "{option} “{text}” 未写明所属合约；请写成 {option} "
    "BTC-USDT-PERP.BINANCE=文件，每个合约一次",
    "cli.bad_fx": "--fx “{text}” 的写法不对；请写成 --fx EUR=eurusd.csv，"
    "也可以用目录中的品种或数字代替文件",
    "cli.bad_model": "不认识 {option} “{text}”，请写成 {known}",
    "cli.bad_number": "{option} “{text}”不是数字，请写成 1234.5 这样的数，百分之五写 0.05",
    "cli.bad_param": "--param “{text}”不是 名称=值，请写成 --param fast=10",
    "cli.bad_state_file": "{path} 不是保存的状态：{problem}；请给出 --save-state 写出的文件",
    "cli.file_exists": "{path} 已经存在，请换个名字，或加 --force 覆盖",
    "cli.no_rule_file": "无法读取规则文件 {path}：{problem}；docs/reference/rules.md 有示例",
    "cli.one_source": "请用 --data 指定文件，或用 --symbol 指定数据目录里的品种；"
    "`quantloom data list` 列出已有数据",
    "cli.symbol_twice": "{symbol} 给了两次；请用 --symbol 为每个文件命名，或去掉其中一个",
    "cli.uneven_names": "{option} 给了 {given} 次，而品种有 {wanted} 个；请按相同顺序各给一次",
    "costs.bad_margin": "保证金比例 {field} 为 {value}，须大于 0 且不超过 5："
    "1 表示全额，0.1 为十倍杠杆",
    "costs.bad_cost": "{field} 为 {value}；费率和最低收费不能小于零，"
    "按金额的费率须小于 1，0.001 即 0.1%",
    "costs.no_fee_tier": "没有费率档位“{name}”，现有：{known}",
    "costs.bad_rate": "{field} 为 {value}；年利率须小于 1，0.02 即每年 2%",
    "costs.bad_slippage": "滑点为 {value}；滑点不能小于零，且总是对交易者不利",
    "data.file_changed": "{path} 在读取时被改写；请等它写完后再导入",
    "data.bad_collect_spec": "采集任务的 {field} 有误：{problem}；"
    "`quantloom data collect --help` 有示例",
    "data.collection_running": "另一个进程正在向 {folder} 采集数据；请等待它结束，或停止它",
    "data.other_source": "{symbol} 的 {timeframe} K线来自“{source}”，不能混入 {provider} 的数据；"
    "请先删除它们，或用 --data-dir 采集到另一个目录",
    "data.bad_provider_setting": "{provider} 的设置 {setting} 有误：{problem}",
    "data.nothing_so_early": "{provider} 在 {first} 之前没有 {symbol} 的K线；请从更晚的时间开始",
    "data.not_supported": "{provider} 不提供 {wanted}，它提供 {offered}",
    "data.provider_bad_data": "{provider} 对 {function} 的回答不可用：{problem}；没有写入任何数据。"
    "请稍后重试、升级该数据源的软件包，或换一个数据源",
    "data.provider_not_found": "没有名为“{name}”的数据源，现有：{known}",
    "data.provider_rate_limited": "{provider} 拒绝更多请求：{problem}；请稍候再试，或减少请求",
    "data.provider_unavailable": "暂时无法使用 {provider}：{problem}；"
    "请稍后运行同一条命令，它会从中断处继续",
    "data.symbol_not_found": "{provider} 不认识 {symbol}，请检查代码和交易所",
    "data.bad_action_file": "{path} 第 {line} 行：{problem}；首行应为列名：symbol、ex_day，"
    "以及 Action 的其他字段",
    "data.bad_cells": "{path}：列“{column}”有 {count} 行不合要求（{problem}），首例 {sample}；"
    "请修正文件，或加 --on-bad drop 舍弃这些行",
    "data.bad_mapping": "{source}：{problem}；`quantloom data map FILE` 可写出一份映射作为起点，"
    "各项含义见 docs/reference/mapping.md",
    "data.bad_policy": "不能用“{on_bad}”处理坏行，请写 error 或 drop",
    "data.bad_query": "查询语句有误：{reason}；可查询 bars、ticks 和 datasets",
    "data.query_failed": "查询失败：{reason}；请缩小范围，若正在导入请稍后再试",
    "data.unknown_suffix": "{path} 的后缀不认识；可用 .csv、.parquet、.feather、.json、.xlsx",
    "data.unknown_columns": "{symbol} 没有列 {missing}；现有 {found}",
    "data.too_many_rows": "{path}：一张工作表最多 {most} 行；请改写 .csv 或 .parquet",
    "data.workbook_extra_missing": "导出工作簿需要 xlsxwriter，"
    "请安装：pip install 'quantloom[xlsx]'",
    "data.bad_symbol": "“{symbol}”不是合约代码，请写成 代码.交易所，如 rb2410.SHFE、600519.SSE",
    "data.bad_walk": "{field} 为 {value}，必须大于零",
    "data.bucket_not_found": "{path}：没有这个存储桶；请检查桶名和 endpoint，或先创建它",
    "data.bucket_keys_missing": "{path}：没有访问存储桶的密钥；请设置 AWS_ACCESS_KEY_ID 和 "
    "AWS_SECRET_ACCESS_KEY，或在 Python 中传入 s3=",
    "data.bucket_refuses": "{path}：{reason}；请检查名称、密钥和网络",
    "data.bucket_extra_missing": "存储桶里的数据目录需要 obstore，"
    "请安装：pip install 'quantloom[s3]'",
    "data.catalog_busy": "另一个导入正在写 {path}，已等 {waited_s} 秒；请等它完成后重试",
    "data.catalog_unwritable": "无法写入 {path}：{reason}；请腾出空间或换一个目录",
    "data.changed_meanwhile": "{path} 在此期间被另一个写入者改动，以其写入的为准；请重试",
    "data.columns_changed": "{symbol}：这一块的列是 {now}，之前各块是 {before}；各块的列应一致",
    "data.column_twice": "{path} 有两列都叫“{column}”；请改名，"
    "或用 --column #3=ignored（按位置）说明哪一列不读",
    "data.columns_missing": "{path} 缺少列 {missing}，现有 {names}；"
    "请用 --column 列名=角色 说明（没有列名时写位置，如 #0=time）",
    "data.corrupt_dataset": "{path} 已损坏（{reason}）；请从备份恢复，或删除后重新导入",
    "data.dataset_exists": "数据目录中已有 {symbol} 的 {timeframe} K线；加 --replace 可替换",
    "data.dataset_not_found": "数据目录里没有 {symbol}；`quantloom data list` 列出已有数据，"
    "`quantloom data import` 导入新数据",
    "data.bad_factor_file": "{path} 第 {line} 行：{problem}；请写一行 day,factor，"
    "其下如 2024-06-19,1.25，或给出 LEAN 的因子文件",
    "data.bad_listings_file": "{path} 第 {line} 行：{problem}；格式见 docs/how-to/listings.md",
    "data.file_not_there": "没有文件 {path}，请检查路径",
    "data.instrument_missing": "数据目录里还没有 {symbol}；首次存入时请给出合约信息",
    "data.not_later": "{symbol} {timeframe} 已有K线到 {last}，从 {first} 起的K线并非都更晚；"
    "请先排序，或用 upsert 替换",
    "data.grade_too_low": "{symbol} 的数据评级为 {grade}，低于要求的 {least}：{why}；"
    "可用 quantloom data check 查看并修复数据，或接受更低的评级",
    "data.no_such_language": "没有“{language}”的页面，请选 en 或 zh",
    "data.unknown_treatment": "{check} 不能用“{treatment}”修复，可选：{known}",
    "data.unknown_grade": "“{given}”不是评级，请写 A、B、C、D、E 或 F",
    "data.no_table": "{path} 不是表格：{reason}；"
    "需要表格：分隔文本、Parquet、Feather、Excel、HDF5、JSON 或 WonderTrader 的 .dsb，可压缩",
    "data.instrument_mismatch": "{symbol} 的行情不能与合约 {instrument} 存在一起",
    "data.no_usable_rows": "{place} 没有一行可用，请检查各列内容",
    "data.package_missing": "读取 {path} 需要 {package}；请运行 pip install 'quantloom[{extra}]'",
    "data.read_only_catalog": "{symbol}：随附的演示数据不可更改，请指定自己的数据目录",
    "data.receipt_missing": "{symbol} 已存的 {stream} 与新数据只有一方带接收时间；请整体重新写入",
    "data.reserved_column": "{symbol}：附加列不能叫“{column}”，请改名",
    "data.schema_too_new": "{path} 的格式版本 {schema} 太新；请升级 quantloom 或重新导入",
    "data.stream_needed": "{symbol} 有这些逐笔流：{streams}；请说明用哪一个",
    "data.ticks_not_found": "数据目录里没有 {symbol} 的逐笔行情；"
    "`quantloom data list --ticks` 列出已有的",
    "data.ticks_not_later": "{symbol} 的逐笔行情已到 {last}，从 {first} 起的并非都更晚；"
    "请用 upsert_ticks 替换一段",
    "data.several_symbols": "{path} 里有多个品种：{symbols}；请用 --symbol 指定一个，"
    "或用 `quantloom data import` 全部导入，在 Python 中用 read_file",
    "data.timeframe_needed": "{symbol} 有这些周期：{timeframes}；请说明用哪一个",
    "data.unreadable_file": "无法读取 {path}：{reason}；"
    "需要表格：分隔文本、Parquet、Feather、Excel、HDF5、JSON 或 WonderTrader 的 .dsb，可压缩",
    "funding.bad_rates": "资金费率第 {row} 条有误：{problem}；"
    "请按时间先后给出每次收付的 UTC 纳秒时间和费率，未知的不要填",
    "indicator.bad_definition": "{indicator}：{problem}；"
    "请写成 f(close, period: Annotated[int, Bounds(2, 200)] = 10)",
    "indicator.bad_input": "{indicator} 需要 {inputs}，得到的是 {found}；"
    "请给出K线、含这些列的表，或每列一个等长的数值数组",
    "indicator.bad_output": "{indicator} 返回了 {found}；应为每个输出 {outputs} 各返回一个等长数组",
    "indicator.bad_parameter": "{indicator}：{problem}；可用参数 {signature}",
    "indicator.bad_source": "{indicator}（读取 {inputs}）不能用 source={source}；只有单列指标可用，"
    "可选 open、high、low、close、volume、hl2、hlc3、ohlc4",
    "indicator.exists": "指标名 {name} 已被 {source} 占用，请换一个",
    "indicator.no_streaming_twin": "{indicator} 没有逐根计算的版本；"
    "请在 @indicator(..., streaming=Twin) 中给出",
    "indicator.unknown": "没有指标“{name}”；`quantloom indicator list` 列出全部",
    "margin.bad_tiers": "保证金档位第 {row} 档有误：{problem}；每档依次为起始名义价值、比例、"
    "速算扣除额和最高杠杆，第一档从 0 开始",
    "data.unknown_stream": "“{stream}”不是逐笔流，请写 trades、quotes 或 mixed",
    "data.bars_not_ticks": "{path} 是K线，不是逐笔数据；请用 read_bars 读取",
    "data.day_needed": "{path} 只有时刻没有日期；请用 --day 2024-01-31 说明是哪一天，"
    "在 Python 中用 hints=Hints(day='2024-01-31')",
    "data.dates_needed": "{path} 的日期有两种读法：{example}；请在 quantloom data import 中用 "
    "--dates day-first（日在前）或 month-first（月在前）说明，"
    "在 Python 中用 hints=Hints(dates='day-first')",
    "data.wrong_dates": "{path}：所说的日期顺序是 {told}，而“{cell}”只能是 {other}；"
    "请改用 --dates {other}，或不写",
    "data.only_dates": "{path}：要求的是 {told} K线，而各行只有日期、没有时刻；"
    "请去掉 --timeframe，或用 --column 列名=clock 指明哪一列是时刻",
    "data.wrong_length": "{path}：要求的是 {told} K线，而各行相隔 {found}；"
    "请去掉 --timeframe，导入后用 `quantloom data resample` 合成更长的K线",
    "data.not_market_data": "{path} 的内容是 {holds}，既不是K线也不是逐笔数据；{advice}",
    "data.damaged_file": "{path} 已损坏：{damage}；请重新获取该文件，"
    "或加 --on-bad drop 导入剩余部分",
    "data.torn_rows": "{path} 有 {count} 行单元格过多或过少；请修正文件，"
    "或加 --on-bad drop 舍弃这些行",
    "data.ticks_not_bars": "{path} 是逐笔数据，不是K线；请用 `quantloom backtest ticks`，"
    "或在 Python 中用 read_ticks 读取并交给 backtest_ticks",
    "market.no_ticks": "{symbol} 在 {start} 与 {end} 之间没有逐笔行情；请换一段时间或换数据",
    "ticks.no_callback": "{strategy} 没有 on_tick(self, ctx, tick)；逐笔回测需要它",
    "ticks.only_on_bars": "{asked} 只用于K线回测，不能用于逐笔回测；"
    "可用的写法见 docs/how-to/ticks.md",
    "ticks.program_beyond_account": "{program}：账户在 {moment} 无法承受一笔成交（{reason}）；"
    "请增加资金，或减少持仓",
    "ticks.program_failed": "{program}：{problem}；可用的写法见 docs/how-to/ticks.md",
    "ticks.without_quotes": "{symbol} 的逐笔行情只有成交而没有报价；请用 merge_ticks 与报价合并，"
    "或用 ticks.bars('1m') 做K线回测",
    "market.adjusted_below_zero": "{symbol}：按差值复权后 {day} 的最低价为 {price}；"
    "请改按比例复权、换另一端为基准（anchor），或缩短区间",
    "market.ambiguous_month": "“{text}”每十年出现一次；请给出日期，或写四位年月，如 TA2501",
    "market.bad_action": "{symbol}：{ex_day} 的除权除息记录有误（{problem}）",
    "market.bad_bars": "{symbol}：{count} 根K线有误（{problem}），首个在第 {rows} 行；"
    "请修正数据，或加 --on-bad drop 舍弃这些行",
    "market.bad_ticks": "{symbol}：{count} 条逐笔行情有误（{problem}），首个在第 {rows} 行；"
    "请修正数据源，或去掉这些行",
    "market.bad_listing": "{symbol} 的上市信息有误（{problem}），请改正，或不要给出",
    "market.bad_instrument": "{symbol}：{field} 为 {value}，必须大于零",
    "market.bad_timeframe": "“{text}”不是周期；请写数字加 s、m、h、d、w、M 之一，如 5m、1d，"
    "或加 T、V、A、R，按笔数、成交量、成交额、波幅切分",
    "market.bars_cut_elsewhere": "{symbol}：有 {count} 根 {timeframe} K线的起点与交易日历不符，"
    "首个在第 {row} 行；请用 resample() 由小周期合成，或按文档标注时间",
    "market.cannot_resample": "{symbol}：{present} K线不能合成 {wanted} K线；"
    "请用 {present} 的整数倍（不超过 24h），或由 1d 及更短的K线合成日、周、月线",
    "market.cannot_roll": "无法生成换月日历：{problem}",
    "market.cannot_splice": "{symbol} 无法拼接为连续合约：{problem}",
    "market.empty_range": "{symbol} 在 {start} 到 {end} 之间没有K线；"
    "`quantloom data show` 可查看范围",
    "market.frame_times_are_numbers": "“{column}”列用数字（如 {sample}）表示时间；"
    "请先用 pd.to_datetime(列, unit='ms') 或 pd.to_datetime(列, format='%Y%m%d') 转换",
    "market.frames_extra_missing": "数据框需要 pandas；请运行 pip install 'quantloom[frames]'",
    "market.frame_times_unreadable": "“{column}”中的时间无法读取（{problem}）；"
    "请先用 pd.to_datetime(列, format=...) 转换，并去掉空行",
    "market.frame_without_column": "现有列 {found} 中没有“{column}”，请改列名",
    "market.bad_factors": "{symbol}：复权因子有误（{problem}），请在来源处改正",
    "market.bars_do_not_join": "K线无法并列：{problem}；请让每个代码只出现一次且周期相同",
    "market.gaps_of_long_bars": "{symbol}：{timeframe} K线看不出缺失的部分；"
    "请检查合成它的日线、更短的K线或逐笔数据",
    "market.no_delivery_month": "{symbol} 没有交割月份；请写成 rb2410.SHFE 这样的合约",
    "market.no_factors": "{symbol} 的K线没有复权因子；请给出公司行动文件（--actions），"
    "或从提供复权因子的数据源采集",
    "market.other_factors": "{symbol} 的K线不能用 {factors} 的复权因子调整",
    "market.ticks_tell_no_measure": "{symbol}：逐笔数据中没有成交，无法合成 {timeframe} K线；"
    "请改用 1m 等时间K线或 20R 等波幅K线",
    "market.unknown_calendar": "没有名为“{name}”的交易日历",
    "market.unknown_symbol": "不认识代码“{text}”；请写成 代码.交易所，如 600519.SSE、rb2410.SHFE",
    "order.bad_basis": "权重只能按 notional（市值）或 margin（保证金）计，不能按“{of}”",
    "order.bad_distance": "距离为 {value}，必须大于零",
    "order.bad_terms": "{problem}",
    "order.bad_transition": "委托 {order_id} 状态为 {present}，不能变为 {wanted}",
    "order.frozen_twice": "委托 {order_id} 已冻结持仓；请先解冻再重新冻结",
    "order.not_an_order": "{method} 接受 buy、sell 等返回的委托，不能是 {given!r}",
    "order.offset_not_routed": "委托 {order_id} 的开平标志为 auto，交易所不接受；请先用 route 拆分",
    "order.overfilled": "委托 {order_id} 只剩 {remaining}，成交回报却是 {quantity}",
    "order.price_off_tick": "价格 {price} 不是最小变动价位 {tick_size} 的整数倍",
    "order.quantity_off_lot": "数量 {quantity} 不是每手 {lot} 的正整数倍",
    "position.bad_rows": "{symbol}：持仓记录合计 {position} 手，其中今仓 {today} 手，"
    "不可能成立；请等最后一条记录到达后再合计",
    "position.close_beyond_held": "{symbol}：委托 {order_id} 的成交平仓 {quantity} 手，"
    "而可平仅 {available} 手；请重新查询持仓",
    "performance.bad_share": "{name} 为 {value}；必须大于 0 且小于 1，例如 0.95",
    "performance.bad_trade_method": "method 为 {method!r}；可用 shuffle、resample 或 skip",
    "performance.bad_covariance": "协方差矩阵有误：{problem}",
    "performance.bad_limits": "组合限制有误：{problem}",
    "performance.extra_missing": "带限制的权重优化需要 scipy：pip install 'quantloom[optimise]'；"
    "equal_weights、inverse_volatility 和 risk_parity 不需要它",
    "performance.no_allocation": "没有符合要求的组合：{problem}",
    "performance.too_few_returns": "只有 {rows} 行收益率在每一列都有值，至少需要 2 行；"
    "请去掉没有历史的品种，先去掉第 {emptiest} 列",
    "performance.bad_tail": "尾部比例为 {tail}；必须大于 0 且小于 0.5，0.05 表示最差的 5%",
    "performance.not_finite": "{name} 有 {count} 个缺失或无穷的值，首个在第 {row} 行",
    "performance.not_positive": "{name} 为 {value}，必须是大于零的有限数",
    "performance.unsorted_days": "第 {row} 行日期倒退；请按从早到晚排序",
    "performance.wrong_shape": "{name} 的形状为 {shape}，应为 {wanted}",
    "report.extra_missing": "生成报告需要 {package}；请运行 pip install 'quantloom[report]'",
    "report.unknown_language": "报告没有语言“{language}”；可用 en 或 zh",
    "rules.before_rules": "规则手册中 {symbol} 的规则自 {first} 起，{day} 尚无；"
    "请用 --on {first} 或更晚的日期",
    "rules.no_rules": "规则手册中没有 {symbol} 的任何规则；"
    "`quantloom rules coverage` 列出已有的交易所，也可用 --overlay 文件 加入自己的规则",
    "rules.no_rule": "规则手册中没有 {symbol} 在 {day} 的 {topic}；"
    "请看 quantloom rules coverage，或用覆盖文件补上",
    "rules.bad_rules": "{file}:{line}：{problem}",
    "rules.unknown_day_name": "交割日规则中没有“{name}”；"
    "请写成 15th、10th_trading_day、4th_last_trading_day 或 third_friday",
    "sweep.bad_workers": "workers 为 {workers}；请给出 1 或更大的整数，或 None 表示每个核心一个",
    "sweep.no_set_worked": "{sets} 组参数都没有 {by}（{problem}）；请换一批参数",
    "sweep.no_sets": "{given} 中没有可扫描的参数；请为每个参数给出候选值，"
    "如 fast 取 range(5, 50)，或给出参数组的列表",
    "sweep.no_such_column": "扫描结果中没有“{name}”列，现有：{known}",
    "sweep.parts_differ": "各部分的{difference}不同；只能合并同一策略、同一数据、同一设置的扫描",
    "sweep.set_refused": "第 {row} 组参数被策略拒绝：{problem}；请另选一组",
    "recipe.bad_recipe": "{where}：{problem}；docs/reference/recipes.md 列出全部写法",
    "recipe.unknown_step": "没有步骤“{step}”（相近的：{close}）；可用：{known}",
    "recipe.unknown_setting": "{where} 不接受“{setting}”（相近的：{close}）；可用：{known}",
    "recipe.bad_setting": "{where}：{setting} 有误：{problem}",
    "recipe.steps_out_of_order": "{where} 的位置有误：{problem}；步骤的顺序：{order}",
    "recipe.unknown_column": "{where} 要读取“{column}”，此时还没有这一列（相近的：{close}）；"
    "现有：{known}",
    "recipe.column_made_twice": "{where} 生成的列“{column}”已经存在；请用 as = ... 另外命名",
    "recipe.different_closes": "{where} 比较的日线来自不同时区的市场：{zones}，收盘时刻不同，"
    "先收盘的会知道后收盘的；请为每个市场各写一个配方，或使用日内K线",
    "recipe.nothing_to_fit": "训练部分没有 {column} 的任何数值，无法拟合 {symbol}；"
    "请加长训练部分，或缩短特征周期",
    "recipe.empty_part": "{part} 部分没有剩下任何行（{reasons}）；请调整界限，"
    "缩短周期与标签跨度，或减小禁运期",
    "recipe.data_too_poor": "{symbol} 的数据等级为 {grade}，配方要求不低于 {least}；"
    "请修复数据，或降低 min_grade",
    "recipe.changed": "{name} 第 {version} 版的数据集由另一个配方生成；请提高文件中的版本号，"
    "或用 --force 替换",
    "recipe.prepared_not_found": "没有保存数据集 {name}（版本 {version}）；现有：{known}；"
    "可用 `quantloom data recipe run` 生成",
    "recipe.prepared_damaged": "{where} 已损坏：{problem}；请重新运行它的配方",
    "recipe.no_such_part": "数据集中没有“{name}”（{what}）；现有：{known}",
    "strategy.bad_count": "history 的K线数为 {count}；第一个参数须是大于零的整数，代码在其后",
    "strategy.bad_interval": "every({bars}) 不指任何K线；请给不小于 1 的整数",
    "strategy.bad_name": "“{name}”不能用作策略名；请用字母、数字和下划线，如 my_strategy",
    "strategy.bad_parameter": "{strategy}：参数 {parameter} {problem}",
    "strategy.bad_signal": "{strategy}.generate_signals 给出的信号有误：{problem}",
    "strategy.bad_sizing": "{field} 为 {value}，必须大于 {above}，上限{most}",
    "strategy.bad_schedule": "every({steps}) 不对应任何一步；请给出不小于 1 的整数",
    "strategy.bad_weights": "权重有误：{problem}",
    "strategy.bad_state": "{strategy}.save_state 返回的内容无法保存：{problem}；"
    "请返回由文字、数字、列表和字典组成的字典",
    "strategy.bad_timer": "定时器“{name}”{problem}；"
    "请给出 every='30m'、at='14:55' 或 once=带时区的时间",
    "strategy.failed": "策略 {strategy} 的 {callback} 在 {moment} 出错：{problem}",
    "strategy.future_value": "[{index}] 会用到未来数据；[-1] 是当前值，[-2] 是前一根的值",
    "strategy.instruments_needed": "{strategy} 需要 {wanted} 个品种，本次运行的品种为：{symbols}；"
    "请向 backtest() 传入“代码 → K线”的映射",
    "strategy.line_is_no_number": "{label} 是一条线而不是数；line.value 是当前值，"
    "line[-2] 是前一根的值，ctx.history(20) 给出K线数组",
    "strategy.line_needed": "{given} 不是线，而这里需要线；"
    "请在 initialize 中取得 ctx.line('close') 或 ctx.indicator(...)",
    "strategy.name_taken": "{name} 是已安装的包，新文件会遮住它，请换个名字",
    "strategy.bad_signals": "{problem}；信号由什么组成见 docs/reference/signals.md",
    "strategy.no_callback": "{strategy} 没有 on_bar(self, ctx, bar)；每根K线都会调用它，请写上",
    "strategy.not_a_condition": "触发条件针对所有K线，不能当作真假；请用 |、&、~ 组合，"
    "在 on_bar 中请用 crossed_above(...) 或 line.value",
    "strategy.not_compilable": "{strategy} 无法编译：{place}：{text}：{problem}；{advice}；"
    '也可用 engine="event" 以 Python 运行',
    "strategy.not_adaptable": "{name} 缺少 {missing}；异步策略须有 on_market_data(self, data) "
    "和 generate_signals(self)",
    "strategy.not_plain": "{strategy}.{callback} 是 async 或含有 yield，不会执行；请改为普通方法",
    "strategy.runaway_orders": "直到 {order_id} 号委托都在回应前一张委托，没有尽头；"
    "请勿在 on_fill 或 on_order_update 里每次都下单",
    "sandbox.bad_limit": "{field} 为 {value!r}；应为大于零的数",
    "sandbox.closed": "未运行 {function}：沙箱已关闭；请在它的 with 之内使用",
    "sandbox.lockdown_failed": "未运行任何代码：{step} 失败（{problem}）；请重试",
    "sandbox.no_walls": "这台机器（{machine}）既不能用 seccomp，也不能用 Landlock，"
    "因此不运行用户代码；请换用允许它们的内核或容器，或在只归自己使用的机器上关闭沙箱："
    "walls='off'，QUANTLOOM_SANDBOX=off",
    "sandbox.not_preloaded": "无法运行 {function}；请写成 包.模块:函数，"
    "并把该模块列入 preload，现有：{preload}",
    "sandbox.preload_failed": "沙箱无法启动：{problem}；请检查 preload 中的模块",
    "sandbox.zygote_lost": "{function} 被中断：沙箱进程已退出；下一次运行会重新启动它",
    "strategy.stale_bar": "回调返回后又读了 bar.{attribute}；请保存 bar.copy()，或用 ctx.history()",
    "strategy.stop_needed": "{symbol} 按风险定仓，但委托没有止损；"
    "请给 buy 或 short 加 stop_loss=，或写明数量",
    "strategy.symbol_not_in_run": "本次运行没有 {symbol}，只有 {known}",
    "strategy.too_few_prices": "两组价格分别有 {first} 和 {second} 个，太少或数目不等；"
    "请给出时间相同、各不少于 20 个的价格",
    "strategy.uneven_lines": "{label} 有 {rows} 个值，而本次运行有 {wanted} 根K线；"
    "请用每根K线都有的品种的指标",
    "strategy.which_instrument": "本次运行有 {known}；请用 symbol= 指明是哪一个",
    "strategy.unheard": "{strategy} 有 {asked}，却没有 {wanted} 来接收",
    "strategy.unknown": "没有策略“{reference}”；现有 {known}，也可给 my_strategy.py 或 模块:类",
    "strategy.unreadable": "无法读取 {reference}：{problem}",
    "strategy.waits": "{strategy}.{callback} 在等待事件循环、定时器或网络，"
    "而回测中不能等待；请在运行前取得数据",
    "strategy.wrong_signature": "{strategy}.{callback} 的参数不对；请写成 def {wanted}",
    "strategy.which": "{reference} 里须恰有一个策略类，现有：{found}；请用 文件:类名 指明",
    "time.naive": "{moment} 没有时区，请给出时区，例如 tzinfo=UTC",
    "trading.not_enough_shares": "要卖出 {wanted} 股，而持有 {held} 股；请减少数量",
    "trading.rights_price_missing": "{symbol}：卖出配股权需要价格；请给出，如 rights_value()",
    "value.currency_mismatch": "{left} 与 {right} 不能直接相加或比较，请先换算",
    "value.not_a_number": "“{text}”不是有限的数，请写成 1234.5 这样",
}


# What an error's `problem` says in English, and how it reads in Chinese.
_PROBLEMS: tuple[tuple[str, str], ...] = (
    (r"time earlier than the bar before", "时间早于前一根"),
    (r"time equal to the bar before", "时间与前一根相同"),
    (r"a price that is not a finite number", "价格不是有限的数"),
    (r"a price that is not above zero", "价格不大于零"),
    (r"high below low", "最高价低于最低价"),
    (r"open or close outside low to high", "开盘价或收盘价超出最低价到最高价"),
    (r"negative or infinite volume", "成交量为负或无穷"),
    (r"a missing time", "缺少时间"),
    (r"columns of unequal length", "各列长度不等"),
    (r"time earlier than the tick before", "时间早于前一条"),
    (r"received before it happened", "接收时间早于发生时间"),
    (r"received before the tick before", "接收时间早于前一条"),
    (r"a size that is not at or above zero", "数量小于零或缺失"),
    (r"a bid above the ask", "买价高于卖价"),
    (r"a snapshot of a day that has traded, without a last price", "当日已有成交的快照没有最新价"),
    (r"levels that do not lead away from the best", "各档价格次序不对"),
    (r"a trade without a price above zero", "成交没有大于零的价格"),
    (r"a trade without a size above zero", "成交没有大于零的数量"),
    (r"a side that is not 1, -1 or 0", "方向不是 1、-1 或 0"),
    (r"sides of unequal numbers of levels", "买卖两边档数不等"),
    (r"more than one symbol", "不止一个代码"),
    (r"times of receipt in some parts only", "只有一部分有接收时间"),
    (
        r"(.+) is of another product; leave it out, or name the series by symbol=",
        r"\1 属于另一品种；请去掉它，或用 symbol= 为序列命名",
    ),
    (r"'(.+)' in (.+) is no day like (.+)", r"\2 中的 \1 不是 \3 这样的日期"),
    (r"a row with too many or too few cells", "单元格数目不对"),
    (r"a time not written like (.+) or (.+)", r"时间应写成 \1 或 \2"),
    (r"text where a number belongs", "应为数字处是文字"),
    (r"is (.+); it goes from any to (.+)", r"为 \1，不能大于 \2"),
    (r"is (.+); it goes from (.+) to any", r"为 \1，不能小于 \2"),
    (r"is (.+); it goes from (.+) to (.+)", r"为 \1，范围是 \2 到 \3"),
    (r"is (.+); it must be a whole number", r"为 \1，应为整数"),
    (r"is (.+); it must be a number", r"为 \1，应为数字"),
    (r"is (.+); it must be true or false", r"为 \1，应为 true 或 false"),
    (r"is (.+); it must be text", r"为 \1，应为文字"),
    (r"is (.+); choose one of (.+)", r"为 \1，可选 \2"),
    (r"is (.+); it must be below slow, (.+)", r"为 \1，必须小于 slow 的 \2"),
    (r"does not exist; there are: (.+)", r"不存在，现有 \1"),
    (r"above 0 and at most 1, or None", "大于 0 且不超过 1 的数，或 None"),
    (r"such as (.+) or (.+)", r"如 \1 或 \2"),
    (r"a whole number of bars, 0 or more", "不小于 0 的整数根K线"),
    (r"bars of one instrument at least", "至少一个合约的K线"),
    (r"needs one of every=, at= and once=", "须在 every=、at=、once= 中给出一个"),
    (r"has every=(.+); it is 1d at most", r"的 every=\1 过长，最长为 1d"),
    (r"has at=(.+), which is no time of the day", r"的 at=\1 不是一天中的时间"),
    (r"has no time", "没有时间"),
    (
        r"(.+)=(.+) is no distance; write ticks\(8\), percent\(2\), points\(1.5\)",
        r"\1=\2 不是距离，请写成 ticks(8)、percent(2)、points(1.5)",
    ),
    (
        r"a take_profit does not trail; give a price or a distance",
        "止盈不能跟踪，请给出价格或距离",
    ),
    (r"(.+)=(.+) is not known; it is one of (.+)", r"\1=\2 无此取值，可选 \3"),
    (
        r"a trailing stop finds its own price, so trail= takes no price= and no stop=",
        "跟踪止损自行确定价格，trail= 不能与 price= 或 stop= 同用",
    ),
    (
        r"when=(.+) is no condition; write above\(9.5\), below\(9.5\) or at\(time\)",
        r"when=\1 不是条件，请写成 above(9.5)、below(9.5) 或 at(时间)",
    ),
    (r"there is no term (.+), but (.+)", r"没有委托条款 \1，可用 \2"),
    (r"(.+) is for market and limit orders, not for a (.+)", r"\1 只用于市价单和限价单，不用于 \2"),
    (r"until= and tif='GTD' belong together", "until= 与 tif='GTD' 须同时给出"),
    (
        r"post_only is for a limit order that may wait: GTC, DAY or GTD",
        "post_only 只用于可以等待的限价单：GTC、DAY 或 GTD",
    ),
    (
        r"an order that only closes takes no stop_loss and no take_profit",
        "只平仓的委托不能带 stop_loss 或 take_profit",
    ),
    (
        r"an order that only closes cannot have the offset 'open'",
        "只平仓的委托不能用 offset='open'",
    ),
    (r"has a name that Strategy itself uses", "与 Strategy 自身的名字相同"),
    (r"has the default (.+); give a number, .+", r"的默认值为 \1；请给数字、文字、True 或 False"),
)


def chinese_codes() -> frozenset[str]:
    """The codes of all errors that can be told in Chinese."""
    return frozenset(_CHINESE)


def in_chinese(error: QuantloomError) -> str | None:
    """Say an error in Chinese; None where there is no text for its code."""
    text = _CHINESE.get(error.code) or _of_other_packages().get(error.code)
    if text is None:
        return None
    return text.format_map({name: _spoken(value) for name, value in vars(error).items()})


@cache
def _of_other_packages() -> dict[str, str]:
    found: dict[str, str] = {}
    for point in entry_points(group=ENTRY_POINTS):
        found.update(point.load())
    return found


def _spoken(value: object) -> str:
    if value is None:
        return "（不限）"
    return "，".join(map(str, value)) if isinstance(value, tuple) else _told(str(value))


def _told(text: str) -> str:
    """Say a known problem in Chinese; anything else, a name or a number, stays as it is."""
    for english, chinese in _PROBLEMS:
        match = re.fullmatch(english, text)
        if match is not None:
            return match.expand(chinese)
    return text
