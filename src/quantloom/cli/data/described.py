"""How the commands tell of a dataset."""

from quantloom.data import DatasetInfo, TicksInfo


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
        "grade": info.grade,
        "pieces": info.pieces,
        "dropped_rows": info.dropped_rows,
        "instrument": info.instrument,
    }


def plain_ticks(info: TicksInfo) -> dict[str, object]:
    """A description of ticks for JSON."""
    return {
        "symbol": info.symbol,
        "stream": info.stream,
        "rows": info.rows,
        "levels": info.levels,
        "start": info.start,
        "end": info.end,
        "days": info.days,
        "bytes": info.bytes,
        "source": info.source,
        "licence": info.licence,
        "digest": info.digest,
        "grade": info.grade,
        "pieces": info.pieces,
        "instrument": info.instrument,
    }


def span(info: DatasetInfo) -> str:
    """First and last day, in words."""
    return f"{info.start:%Y-%m-%d} .. {info.end:%Y-%m-%d}"
