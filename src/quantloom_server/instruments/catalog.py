"""Where the service's bars are."""

from functools import lru_cache

from quantloom.data import Catalog, Catalogs, open_catalog
from quantloom_server.settings import Settings


def catalog_of(settings: Settings) -> Catalogs:
    """The service's catalog, with the packaged demonstration data behind it unless it is off."""
    return _opened(settings.catalog_place, has_demo=settings.demo_data)


@lru_cache(maxsize=4)
def _opened(place: str, *, has_demo: bool) -> Catalogs:
    return open_catalog(place) if has_demo else Catalogs((Catalog(place),))
