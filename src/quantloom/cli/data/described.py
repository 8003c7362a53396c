"""How the commands tell of a dataset."""

from quantloom.data import DatasetInfo


def plain(info: DatasetInfo) -> dict[str, object]:
    """A dataset's description for JSON."""
    return {
        "symbol": info.symbol,
        "timeframe": str(info.timeframe),
        "rows": info.rows,
        "start": info.start,
        "end": info.end,
        "bytes": info.bytes,
        "source": info.source,
        "licence": info.licence,
        "digest": info.digest,
        "instrument": info.instrument,
    }


def span(info: DatasetInfo) -> str:
    """First and last day, in words."""
    return f"{info.start:%Y-%m-%d} .. {info.end:%Y-%m-%d}"
