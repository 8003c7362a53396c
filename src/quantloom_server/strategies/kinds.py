"""What a strategy can be said to be."""

from enum import StrEnum


class Category(StrEnum):
    """How it makes its money."""

    TREND = "trend"
    MEAN_REVERSION = "mean_reversion"
    MOMENTUM = "momentum"
    BREAKOUT = "breakout"
    ARBITRAGE = "arbitrage"
    GRID = "grid"
    MARKET_MAKING = "market_making"
    PORTFOLIO = "portfolio"
    MACHINE_LEARNING = "machine_learning"
    OTHER = "other"


CATEGORY_NAMES: dict[Category, tuple[str, str]] = {
    Category.TREND: ("Trend following", "趋势跟踪"),
    Category.MEAN_REVERSION: ("Mean reversion", "均值回归"),
    Category.MOMENTUM: ("Momentum", "动量"),
    Category.BREAKOUT: ("Breakout", "突破"),
    Category.ARBITRAGE: ("Arbitrage and pairs", "套利与配对"),
    Category.GRID: ("Grid", "网格"),
    Category.MARKET_MAKING: ("Market making", "做市"),
    Category.PORTFOLIO: ("Portfolio allocation", "组合配置"),
    Category.MACHINE_LEARNING: ("Machine learning", "机器学习"),
    Category.OTHER: ("Other", "其他"),
}
"""What categories are called, in English and in Chinese."""


class RiskLevel(StrEnum):
    """How much it may lose, as its author sees it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class StrategyStatus(StrEnum):
    """What its author makes of it."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class Language(StrEnum):
    """What its code is written in."""

    PYTHON = "python"


class Origin(StrEnum):
    """Where a strategy was taken from."""

    STRATEGY = "strategy"
    TEMPLATE = "template"
    LISTING = "listing"
    FILE = "file"
