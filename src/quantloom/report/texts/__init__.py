"""Every sentence of a report, in English and Chinese, looked up by key."""

from quantloom.report.texts.pair import Pair
from quantloom.report.texts.words import (
    LANGUAGES,
    PARTS,
    TEXTS,
    Language,
    UnknownLanguage,
    Words,
)

__all__ = ["LANGUAGES", "PARTS", "TEXTS", "Language", "Pair", "UnknownLanguage", "Words"]
