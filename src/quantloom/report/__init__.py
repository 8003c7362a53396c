"""The backtest report: one self-contained HTML file, in English or Chinese; pictures of results."""

from quantloom.report.band import band_html, banded_html
from quantloom.report.comparison import compared_html, comparison_html
from quantloom.report.figures import plot_band, plot_comparison, plot_result
from quantloom.report.html import prepare_report, render_report, write_report
from quantloom.report.inline import summarise_html
from quantloom.report.optimisation import optimisation_html, optimised_html
from quantloom.report.plotly_bundle import ReportExtraMissing
from quantloom.report.texts import LANGUAGES, Language, UnknownLanguage
from quantloom.report.validation import cross_validation_html, walk_forward_html

__all__ = [
    "LANGUAGES",
    "Language",
    "ReportExtraMissing",
    "UnknownLanguage",
    "band_html",
    "banded_html",
    "compared_html",
    "comparison_html",
    "cross_validation_html",
    "optimisation_html",
    "optimised_html",
    "plot_band",
    "plot_comparison",
    "plot_result",
    "prepare_report",
    "render_report",
    "summarise_html",
    "walk_forward_html",
    "write_report",
]
