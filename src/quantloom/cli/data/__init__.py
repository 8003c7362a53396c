"""`quantloom data`: put bars into the catalog and see what is there.

Each module of this package attaches its commands to `app` when it is imported, in this order.
"""

from quantloom.cli.data import (
    adjusting,
    checking,
    collecting,
    comparing,
    exporting,
    importing,
    listing,
    mapped,
    querying,
    recipes,
    repairing,
    resampling,
    upkeep,
)
from quantloom.cli.data.app import app

__all__ = [
    "adjusting",
    "app",
    "checking",
    "collecting",
    "comparing",
    "exporting",
    "importing",
    "listing",
    "mapped",
    "querying",
    "recipes",
    "repairing",
    "resampling",
    "upkeep",
]
