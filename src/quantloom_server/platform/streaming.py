"""Answers that are sent as they are made."""

from collections.abc import AsyncIterator


async def begun(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Make the first part now: what goes wrong until then is told as an error, not cut off.

    Args:
        parts: what makes them; its first part comes after whatever may be refused.
    """
    first = await anext(parts, b"")

    async def rest() -> AsyncIterator[bytes]:
        yield first
        async for part in parts:
            yield part

    return rest()
