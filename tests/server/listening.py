"""An application on a port of its own, for clients that need a wire."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI

from quantloom_server.platform.edge.wire import BoundedHttp


@asynccontextmanager
async def listening(app: FastAPI) -> AsyncIterator[str]:
    """Serve a running application; gives its address."""
    config = uvicorn.Config(
        app, http=BoundedHttp, port=0, lifespan="off", log_level="critical", log_config=None
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    serving = asyncio.create_task(server.main_loop())
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await serving
    await server.shutdown()
