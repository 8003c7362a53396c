"""Sources of market data outside, behind one protocol.

Vendors' code runs in a worker process alone; what it answers is read by tables of columns here.
"""

from quantloom.data.providers.errors import (
    BadProviderSetting,
    NothingSoEarly,
    NotSupported,
    ProviderBadData,
    ProviderNotFound,
    ProviderRateLimited,
    ProviderUnavailable,
    SymbolNotFound,
)
from quantloom.data.providers.from_files import FileProvider
from quantloom.data.providers.hosting import Worker
from quantloom.data.providers.made_up import MadeUp, SyntheticProvider
from quantloom.data.providers.opening import (
    ENTRY_POINTS,
    ProviderSettings,
    open_provider,
    provider_names,
)
from quantloom.data.providers.pacing import Pace
from quantloom.data.providers.provider import (
    Abilities,
    Listed,
    ProvidedBars,
    Provider,
    Quote,
)

__all__ = [
    "ENTRY_POINTS",
    "Abilities",
    "BadProviderSetting",
    "FileProvider",
    "Listed",
    "MadeUp",
    "NotSupported",
    "NothingSoEarly",
    "Pace",
    "ProvidedBars",
    "Provider",
    "ProviderBadData",
    "ProviderNotFound",
    "ProviderRateLimited",
    "ProviderSettings",
    "ProviderUnavailable",
    "Quote",
    "SymbolNotFound",
    "SyntheticProvider",
    "Worker",
    "open_provider",
    "provider_names",
]
