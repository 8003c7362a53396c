"""The market rule book: dated rules with their sources, as data."""

from quantloom.market.rulebook.book import NoRule, Rule, RuleBook, Standing, rule_book
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
    "Entry",
    "NoRule",
    "Rule",
    "RuleBook",
    "RuleFile",
    "Source",
    "Standing",
    "UnknownDayName",
    "day_near_delivery",
    "last_trading_day",
    "read_rules",
    "rule_book",
]
