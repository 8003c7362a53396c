"""Open a provider by its name; any package may add one by an entry point."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

import numpy as np

from quantloom.data.providers.akshare import AkshareProvider
from quantloom.data.providers.asking import Asker
from quantloom.data.providers.caching import CachingAsker
from quantloom.data.providers.crypto import CryptoProvider
from quantloom.data.providers.errors import BadProviderSetting, ProviderNotFound
from quantloom.data.providers.from_files import FileProvider
from quantloom.data.providers.hearing import Heard, HeardAsker
from quantloom.data.providers.hosting import Worker, WorkerAsker
from quantloom.data.providers.made_up import MadeUp, SyntheticProvider
from quantloom.data.providers.pacing import Pace, PacedAsker
from quantloom.data.providers.provider import Provider
from quantloom.data.providers.tushare import ENDPOINT, TushareProvider
from quantloom.data.providers.yahoo import YahooProvider
from quantloom.kit import Clock, SystemClock

ENTRY_POINTS = "quantloom.providers"
"""Group of entry points; each names a function from `ProviderSettings` to a provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSettings:
    """What a provider may need to be opened.

    Attributes:
        token: the one secret of a provider that needs one; it travels to its worker alone.
        endpoint: another https address of the same protocol, for tushare.
        venue: whose instruments ccxt lists.
        folder: of files, for the file provider. made_up: for the synthetic one.
        cache: a folder in which lists and calendars are kept for a day; None for no cache.
        pace: where not given, what each vendor bears.
        heard: is told every question, retries and failures among them.
        generator: draws the jitter of back-off.
    """

    token: str | None = field(default=None, repr=False)
    endpoint: str = ""
    venue: str = "BINANCE"
    folder: Path | None = None
    made_up: MadeUp = field(default_factory=MadeUp)
    worker: Worker = field(default_factory=Worker)
    cache: Path | None = None
    pace: Pace | None = None
    heard: Heard | None = None
    clock: Clock = field(default_factory=SystemClock)
    generator: np.random.Generator = field(default_factory=np.random.default_rng)


Factory = Callable[[ProviderSettings], Provider]


def provider_names() -> tuple[str, ...]:
    """Name every provider that can be opened, sorted."""
    return tuple(sorted({*_BUILT_IN, *entry_points(group=ENTRY_POINTS).names}))


def open_provider(name: str, settings: ProviderSettings | None = None) -> Provider:
    """Open a provider by its name.

    Raises:
        ProviderNotFound: no plug-in has this name.
        BadProviderSetting: a setting is missing or cannot be used.
    """
    given = settings or ProviderSettings()
    if name in _BUILT_IN:
        return _BUILT_IN[name](given)
    for point in entry_points(group=ENTRY_POINTS, name=name):
        factory: Factory = point.load()
        return factory(given)
    raise ProviderNotFound(name, provider_names())


def asker_of(settings: ProviderSettings, usual: Pace) -> Asker:
    """An asker in a worker process that keeps to a vendor's pace, and lists for a day."""
    asker: Asker = WorkerAsker(settings.worker)
    if settings.heard is not None:
        asker = HeardAsker(asker, settings.heard)
    asker = PacedAsker(asker, settings.pace or usual, generator=settings.generator)
    if settings.cache is None:
        return asker
    return CachingAsker(asker, settings.cache, settings.clock)


def open_akshare(settings: ProviderSettings) -> Provider:
    """Open the provider of Chinese markets by way of akshare."""
    return AkshareProvider(asker_of(settings, Pace(per_second=1.0, burst=2)), settings.clock)


def open_yfinance(settings: ProviderSettings) -> Provider:
    """Open the provider of Yahoo's data by way of yfinance."""
    return YahooProvider(asker_of(settings, Pace(per_second=0.5, burst=2)), settings.clock)


def open_tushare(settings: ProviderSettings) -> Provider:
    """Open the provider of tushare pro; it needs a token."""
    asker = asker_of(settings, Pace(per_second=0.8, burst=5))
    endpoint = settings.endpoint or ENDPOINT
    return TushareProvider(asker, settings.clock, token=settings.token, endpoint=endpoint)


def open_ccxt(settings: ProviderSettings) -> Provider:
    """Open the provider of crypto exchanges by way of ccxt."""
    asker = asker_of(settings, Pace(per_second=5.0, burst=5))
    return CryptoProvider(asker, settings.clock, settings.venue)


def open_synthetic(settings: ProviderSettings) -> Provider:
    """Open the provider of made-up bars."""
    return SyntheticProvider(settings.made_up, settings.clock)


def open_files(settings: ProviderSettings) -> Provider:
    """Open the provider over a folder of files."""
    if settings.folder is None:
        raise BadProviderSetting("file", "--folder", "must name a folder of files")
    return FileProvider(settings.folder, settings.clock)


_BUILT_IN: Mapping[str, Factory] = {
    "akshare": open_akshare,
    "ccxt": open_ccxt,
    "file": open_files,
    "synthetic": open_synthetic,
    "tushare": open_tushare,
    "yfinance": open_yfinance,
}
