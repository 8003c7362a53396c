"""The market rule book: dated rules with their sources, as data."""

from quantloom.market.rulebook.book import NoRule, Rule, RuleBook, Standing, rule_book
from quantloom.market.rulebook.coverage import (
    Covered,
    Subject,
    coverage_of,
    entry_of,
    list_subjects,
    subject_of,
    topics_of,
    weakest,
)
from quantloom.market.rulebook.delivery import (
    UnknownDayName,
    day_near_delivery,
    last_trading_day,
)
from quantloom.market.rulebook.reader import BadRules, RuleFile, Source, read_rules
from quantloom.market.rulebook.topics import TOPICS, Entry

__all__ = [
    "TOPICS",
    "BadRules",
    "Covered",
    "Entry",
    "NoRule",
    "Rule",
    "RuleBook",
    "RuleFile",
    "Source",
    "Standing",
    "Subject",
    "UnknownDayName",
    "coverage_of",
    "day_near_delivery",
    "entry_of",
    "last_trading_day",
    "list_subjects",
    "read_rules",
    "rule_book",
    "subject_of",
    "topics_of",
    "weakest",
]
