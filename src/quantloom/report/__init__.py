"""The backtest report: one self-contained HTML file, in English or Chinese."""

from quantloom.report.html import prepare_report, render_report, write_report
from quantloom.report.plotly_bundle import ReportExtraMissing
from quantloom.report.texts import LANGUAGES, Language, UnknownLanguage

__all__ = [
    "LANGUAGES",
    "Language",
    "ReportExtraMissing",
    "UnknownLanguage",
    "prepare_report",
    "render_report",
    "write_report",
]
