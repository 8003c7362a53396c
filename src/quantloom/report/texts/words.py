"""The sentences of a report in one language: every one is looked up here, by its key."""

from collections.abc import Mapping
from typing import Literal, get_args

from quantloom.backtest import Audit, Leak, Note
from quantloom.errors import Invalid
from quantloom.performance import METRICS, REASONS, Finding, ReasonKey
from quantloom.report.texts.assumptions import ASSUMPTIONS
from quantloom.report.texts.cautions import CAUTIONS
from quantloom.report.texts.charts import CHARTS
from quantloom.report.texts.comparison import COMPARISON
from quantloom.report.texts.engine import ENGINE
from quantloom.report.texts.luck import LUCK
from quantloom.report.texts.optimisation import OPTIMISATION
from quantloom.report.texts.page import PAGE
from quantloom.report.texts.pair import Pair
from quantloom.report.texts.tables import TABLES
from quantloom.report.texts.validation import VALIDATION

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class UnknownLanguage(Invalid):
    """A report was asked for in a language that it is not written in."""

    code = "report.unknown_language"

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.language = language

    def __str__(self) -> str:
        return f"a report has no language {self.language!r}; ask for {' or '.join(LANGUAGES)}"


PARTS: tuple[Mapping[str, Pair], ...] = (
    PAGE,
    TABLES,
    CHARTS,
    LUCK,
    ENGINE,
    ASSUMPTIONS,
    CAUTIONS,
    COMPARISON,
    OPTIMISATION,
    VALIDATION,
)
"""The sentences by what they are about; no key stands in two of them."""

TEXTS: Mapping[str, Pair] = {key: pair for part in PARTS for key, pair in part.items()}
"""Every sentence by its key."""


class Words:
    """The sentences of one language.

    Raises:
        UnknownLanguage: neither `en` nor `zh`.
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise UnknownLanguage(language)
        self.language = language
        self._column = LANGUAGES.index(language)

    def __call__(self, key: str, **facts: object) -> str:
        return TEXTS[key][self._column].format(**facts)

    def unfilled(self, key: str) -> str:
        """A sentence whose facts the page itself fills in."""
        return TEXTS[key][self._column]

    def name(self, key: str, otherwise: str) -> str:
        """Translate a word of the engine's; one that is not known stays as it is."""
        return self(key) if key in TEXTS else otherwise

    def label(self, metric: str) -> str:
        """What a measure is called."""
        found = METRICS[metric]
        return found.label_zh if self.language == "zh" else found.label_en

    def meaning(self, metric: str) -> str:
        """What a measure tells, in one line."""
        found = METRICS[metric]
        return found.meaning_zh if self.language == "zh" else found.meaning_en

    def finding(self, found: Finding) -> str:
        """What speaks against a run."""
        return found.text_zh if self.language == "zh" else found.text_en

    def of_audit(self, told: Audit | Leak | Note) -> str:
        """What an audit has found."""
        return told.text_zh if self.language == "zh" else told.text_en

    def reason(self, key: ReasonKey) -> str:
        """Why a measure has no value."""
        found = REASONS[key]
        return found.text_zh if self.language == "zh" else found.text_en
