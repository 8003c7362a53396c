"""A report of checks as one HTML page that needs nothing else, in English or Chinese."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

from quantloom.data.quality.checks import CHECKS
from quantloom.data.quality.drawing import cover, draw_coverage, draw_price, draw_volume
from quantloom.data.quality.report import Example, Finding, QualityReport
from quantloom.data.quality.rows import pick, sift
from quantloom.data.quality.view import View
from quantloom.errors import Invalid
from quantloom.market import Bars, Instrument, Timeframe

LANGUAGES = ("en", "zh")
"""The languages a page can be written in."""

_DRAWN = 20
_MINUTE, _DAY = "%Y-%m-%d %H:%M", "%Y-%m-%d"
_WORDS: Mapping[str, tuple[str, str]] = {
    "title": ("Data quality", "数据质量"),
    "grade": ("Grade", "评级"),
    "symbol": ("Symbol", "品种"),
    "bars": (
        "{count} bars of {timeframe}, {start} to {end}",
        "{count} 根 {timeframe} K线，{start} 至 {end}",
    ),
    "found": ("What was found", "检查结果"),
    "nothing": ("Nothing was found.", "未发现问题。"),
    "clean": ("Nothing found by: {names}", "未发现问题的检查：{names}"),
    "repairs": ("Repaired before: {repairs}", "此前的修复：{repairs}"),
    "severity": ("Weight", "程度"),
    "check": ("Check", "检查项"),
    "count": ("Cases", "数量"),
    "share": ("Share", "占比"),
    "text": ("What it says", "说明"),
    "examples": ("UTC", "UTC 时间"),
    "days": ("such as", "例如"),
    "coverage": ("Coverage by day and session", "各交易日与时段的覆盖情况"),
    "coverage_note": (
        "Green where every bar is there, paler where some are missing, red where most are.",
        "绿色处K线齐全，浅色处部分缺失，红色处大多缺失。",
    ),
    "price": ("Price, with what was found", "价格与问题所在"),
    "volume": ("Volume by time", "成交量分布"),
    "undrawn": (
        "Below are the {count} of the worst grades.",
        "以下仅展示评级最差的 {count} 个。",
    ),
    "worst": ("What the grade hangs on", "决定评级的问题"),
    "note": ("note", "提示"),
    "minor": ("minor", "轻微"),
    "warning": ("warning", "警告"),
    "serious": ("serious", "严重"),
    "grave": ("grave", "重大"),
    "fatal": ("fatal", "致命"),
}
_VALUES: Mapping[str, tuple[str, str]] = {
    "missing": ("missing", "缺"),
    "open": ("open", "开"),
    "high": ("high", "高"),
    "low": ("low", "低"),
    "close": ("close", "收"),
    "volume": ("volume", "量"),
}
_STYLE = """
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2330;--soft:#69748a;--rule:#dfe3ea;--card:#f6f7f9;
--line:#3d7ebf;--full:#4f9d69;--most:#a9d3b5;--half:#f0c674;--some:#e58e5c;--none:#c94c4c}
@media(prefers-color-scheme:dark){:root{--bg:#12161d;--fg:#dbe1ea;--soft:#8d99ad;--rule:#2b3340;
--card:#1a202a;--line:#6aa9e0;--full:#3f8657;--most:#2f5f41;--half:#a5822f;--some:#a9592f;
--none:#a83a3a}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--fg);
font:15px/1.5 system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif}
main{max-width:1040px;margin:0 auto;padding:28px 24px 60px}h1{font-size:26px;margin:0 0 4px}
h2{font-size:20px;margin:36px 0 4px;display:flex;gap:12px;align-items:center}
h3{font-size:15px;margin:22px 0 6px}
.kicker,.soft{color:var(--soft);margin:0}
.badge{display:inline-grid;place-items:center;width:38px;
height:38px;border-radius:9px;color:#fff;font-weight:700;font-size:20px}
.gA{background:#2f8f55}.gB{background:#6f9f35}.gC{background:#c79a1e}.gD{background:#d0742a}
.gE{background:#c9472f}.gF{background:#8f1f2f}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:7px 10px 7px 0;border-bottom:1px solid var(--rule);
vertical-align:top}
th{color:var(--soft);font-weight:500}
.clean{margin-top:10px}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.tag{display:inline-block;padding:0 8px;border-radius:9px;color:#fff;font-size:12px;
line-height:20px;white-space:nowrap}
.tag.note{background:#7b8698}.tag.minor{background:#6f9f35}.tag.warning{background:#c79a1e}
.tag.serious{background:#d0742a}.tag.grave{background:#c9472f}.tag.fatal{background:#8f1f2f}
.ex{color:var(--soft);font-size:12.5px;font-variant-numeric:tabular-nums}
svg{width:100%;height:auto;background:var(--card);border-radius:8px;display:block}
svg text{fill:var(--soft);font:11px system-ui,sans-serif}.name{text-anchor:end}.end{text-anchor:end}
.line{fill:none;stroke:var(--line);stroke-width:1.2}.bar{fill:var(--line)}
rect.full{fill:var(--full)}rect.most{fill:var(--most)}rect.half{fill:var(--half)}
rect.some{fill:var(--some)}rect.none{fill:var(--none)}
circle{stroke:var(--bg);stroke-width:1}circle.note{fill:#7b8698}circle.minor{fill:#6f9f35}
circle.warning{fill:#c79a1e}circle.serious{fill:#d0742a}circle.grave{fill:#c9472f}
circle.fatal{fill:#8f1f2f}
@media(max-width:640px){main{padding:20px 14px 40px}thead{display:none}
tr{display:grid;grid-template-columns:auto 1fr auto auto;column-gap:10px;align-items:center;
border-bottom:1px solid var(--rule);padding:8px 0}td{border:0;padding:2px 0}
td:last-child,td.wide{grid-column:1/-1}svg text{font-size:17px}
.thin:nth-of-type(2n){display:none}}
@media print{section{break-inside:avoid}}
"""


class NoSuchLanguage(Invalid):
    """A language other than English and Chinese."""

    code = "data.no_such_language"

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.language = language

    def __str__(self) -> str:
        return f"there is no page in {self.language!r}; choose en or zh"


class Checked(NamedTuple):
    """Bars with what a check of them found."""

    bars: Bars
    report: QualityReport
    instrument: Instrument | None = None


def render_page(checked: Sequence[Checked], *, language: str = "en") -> str:
    """Make a page of what was found: grade, findings, coverage, price and volume of each.

    Args:
        language: `en` or `zh`.
    Returns:
        HTML without scripts or anything from elsewhere; the same data give the same text.
    Raises:
        NoSuchLanguage: another language.
    """
    if language not in LANGUAGES:
        raise NoSuchLanguage(language)
    title = _say("title", language)
    names = ", ".join(one.report.symbol for one in checked[:4])
    more = " …" if len(checked) > 4 else ""
    body = _overview(checked, language) if len(checked) > 1 else ""
    shown = checked
    if len(checked) > _DRAWN:
        shown = sorted(checked, key=lambda one: one.report.grade, reverse=True)[:_DRAWN]
        body += f'<p class="soft clean">{_say("undrawn", language, count=_DRAWN)}</p>'
    body += "".join(_section(one, language) for one in shown)
    tag = "zh-CN" if language == "zh" else "en"
    return (
        f'<!doctype html>\n<html lang="{tag}">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title} · {escape(names)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f'<body>\n<main>\n<p class="kicker">Quantloom</p><h1>{title}</h1>'
        f'<p class="soft">{escape(names)}{more}</p>\n{body}</main>\n</body>\n</html>\n'
    )


def _say(word: str, language: str, **facts: object) -> str:
    return _WORDS[word][LANGUAGES.index(language)].format(**facts)


def _badge(grade: str) -> str:
    return f'<span class="badge g{grade}">{grade}</span>'


def _overview(checked: Sequence[Checked], language: str) -> str:
    rows = "".join(
        f"<tr><td>{_badge(one.report.grade)}</td><td>{escape(one.report.symbol)}"
        f'</td><td class="wide">{_span(one.report, language)}</td>'
        f"<td>{escape(one.report.why(language))}</td></tr>"
        for one in checked
    )
    heads = _heads(("grade", "symbol", "bars", "worst"), language)
    return f'<div class="scroll"><table><thead>{heads}</thead><tbody>{rows}</tbody></table></div>'


def _heads(words: Iterable[str], language: str) -> str:
    cells = [f"<th>{'' if word == 'bars' else escape(_say(word, language))}</th>" for word in words]
    return f"<tr>{''.join(cells)}</tr>"


def _span(report: QualityReport, language: str) -> str:
    return _say(
        "bars",
        language,
        count=f"{report.rows:,}",
        timeframe=report.timeframe,
        start=f"{report.start:%Y-%m-%d}",
        end=f"{report.end:%Y-%m-%d}",
    )


def _section(one: Checked, language: str) -> str:
    report = one.report
    parts = [
        f"<h2>{_badge(report.grade)}<span>{escape(report.symbol)}</span></h2>",
        f'<p class="soft">{_span(report, language)}</p>',
        f"<h3>{_say('found', language)}</h3>",
        _findings(report, language),
    ]
    if report.repairs:
        repairs = escape("; ".join(report.repairs))
        parts.append(f"<p>{_say('repairs', language, repairs=repairs)}</p>")
    parts += _pictures(one, language)
    return f"<section>{''.join(parts)}</section>\n"


def _findings(report: QualityReport, language: str) -> str:
    titles = [getattr(CHECKS[name], f"title_{language}") for name in report.clean]
    clean = f'<p class="soft clean">{escape(_say("clean", language, names=" · ".join(titles)))}</p>'
    if not report.findings:
        return f"<p>{_say('nothing', language)}</p>{clean}"
    when = _MINUTE if Timeframe.parse(report.timeframe).is_intraday else _DAY
    rows = "".join(_row(found, language, when) for found in report.findings)
    heads = _heads(("severity", "check", "count", "share", "text"), language)
    return (
        f'<div class="scroll"><table><thead>{heads}</thead><tbody>{rows}</tbody></table></div>'
        f"{clean}"
    )


def _row(found: Finding, language: str, when: str) -> str:
    tag = f'<span class="tag {found.severity}">{_say(found.severity, language)}</span>'
    shown = " · ".join(_example(one, language, when) for one in found.examples)
    label = _say("examples" if when == _MINUTE else "days", language)
    examples = f'<div class="ex">{escape(f"{label}: {shown}")}</div>' if shown else ""
    return (
        f"<tr><td>{tag}</td><td>{escape(found.title(language))}</td>"
        f'<td class="num">{found.count:,}</td><td class="num">{found.share:.2%}</td>'
        f"<td>{escape(found.text(language))}{examples}</td></tr>"
    )


def _example(one: Example, language: str, when: str) -> str:
    place = LANGUAGES.index(language)
    values = " ".join(
        f"{_VALUES.get(name, (name, name))[place]} {value:.10g}"
        for name, value in one.values.items()
    )
    return f"{one.time.strftime(when)} {values}".strip()


def _pictures(one: Checked, language: str) -> list[str]:
    usable = sift(one.bars).usable
    if len(usable) < 2:
        return []
    view = View(pick(one.bars, usable), one.instrument)
    parts = []
    if view.bars.timeframe.unit != "M":
        label = _say("coverage", language)
        parts += [
            f"<h3>{label}</h3>",
            draw_coverage(cover(view), label),
            f'<p class="soft">{_say("coverage_note", language)}</p>',
        ]
    label = _say("price", language)
    parts += [f"<h3>{label}</h3>", draw_price(view, one.report.findings, label)]
    if (view.bars.volume > 0).any():
        label = _say("volume", language)
        parts += [f"<h3>{label}</h3>", draw_volume(view, label)]
    return parts
