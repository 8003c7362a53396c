"""Whether this process lives, and whether it can serve."""

from quantloom_server.platform.routing import PUBLIC, Routes

routes = Routes("/health", tag="Operation")


@routes.get(needs=PUBLIC, summary="Is the process alive")
async def health() -> dict[str, str]:
    return {"status": "ok"}
