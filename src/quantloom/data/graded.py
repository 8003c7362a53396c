"""The grade of data as a run inherits it: the stored one, or one worked out when asked for."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from quantloom.market import Bars, Instrument


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFinding:
    """What a check found, in words: a finding as it is kept with a dataset.

    Attributes:
        check: its name, as `docs/reference/data-quality.md` lists them.
        severity: note, minor, warning, serious, grave or fatal.
    """

    check: str
    severity: str
    text_en: str
    text_zh: str

    def text(self, language: str) -> str:
        """The sentence in `en` or `zh`."""
        return self.text_zh if language == "zh" else self.text_en


@dataclass(frozen=True, slots=True, kw_only=True)
class DataGrade:
    """How good the data of one instrument of a run are.

    Attributes:
        grade: A to F.
        digest: `Bars.digest` of the whole dataset they are a part of; empty where they are of none.
        is_stored: whether the whole dataset was graded when it was stored; else the run's bars
            were, when somebody asked.
        findings: what the grade rests on, heaviest first.
        repairs: what was changed before, one sentence each.
    """

    symbol: str
    grade: str
    digest: str
    is_stored: bool
    findings: tuple[ToldFinding, ...] = ()
    repairs: tuple[str, ...] = ()

    def why(self, language: str = "en") -> str:
        """The finding that the grade hangs on; empty where there is none."""
        return self.findings[0].text(language) if self.findings else ""

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def inherit_grade(
    bars: Bars,
    instrument: Instrument | None = None,
    *,
    ex_days: Iterable[date] = (),
    is_rolled: bool = False,
) -> DataGrade:
    """Give the grade that was stored with a dataset, or else check these bars.

    Args:
        instrument: of the bars, where they have to be checked.
        ex_days: days of known splits, which are no faults.
        is_rolled: whether a run knows the rolls of a chain, so that their jumps are no fault.
    """
    known = bars.provenance
    if known is not None and known.quality is not None:
        return _told(bars.symbol, known.quality, digest=known.digest, is_stored=True)
    from quantloom.data.quality import check  # noqa: PLC0415  only for bars that nobody has graded

    report = check(
        bars,
        instrument=instrument,
        ex_days=tuple(ex_days),
        is_rolled=is_rolled,
        is_sound=True,
    )
    digest = "" if known is None else known.digest
    return _told(bars.symbol, report.short(), digest=digest, is_stored=False)


def _told(symbol: str, short: Mapping[str, Any], *, digest: str, is_stored: bool) -> DataGrade:
    return DataGrade(
        symbol=symbol,
        grade=str(short["grade"]),
        digest=digest,
        is_stored=is_stored,
        findings=tuple(
            ToldFinding(
                check=one["check"],
                severity=one["severity"],
                text_en=one["text"],
                text_zh=one["text_zh"],
            )
            for one in short["findings"]
        ),
        repairs=tuple(short["repairs"]),
    )
