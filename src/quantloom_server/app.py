"""The REST service: every domain's routes behind one edge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from quantloom.kit.clock import Clock
from quantloom.version import VERSION
from quantloom_server.audit import endpoints as audit
from quantloom_server.identity import endpoints as identity
from quantloom_server.identity.gatekeeper import make_gatekeeper
from quantloom_server.identity.means import open_means
from quantloom_server.platform import status
from quantloom_server.platform.documenting import describe
from quantloom_server.platform.jobs import endpoints as jobs
from quantloom_server.platform.opening import open_parts
from quantloom_server.platform.parts import GatekeeperMaker
from quantloom_server.platform.problems import tell_errors
from quantloom_server.settings import Settings

ROUTES = (
    status.routes,
    identity.routes,
    audit.routes,
    jobs.routes,
    jobs.schedule_routes,
)


def create_app(
    settings: Settings,
    *,
    keeper: GatekeeperMaker = make_gatekeeper,
    clock: Clock | None = None,
) -> FastAPI:
    """Put the service together; nothing is opened before it starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with open_means(settings) as means:
            async with open_parts(settings, keeper, clock=clock) as parts:
                app.state.parts, app.state.identity = parts, means
                yield

    app = FastAPI(title="Quantloom", version=VERSION, lifespan=lifespan)
    tell_errors(app)
    for routes in ROUTES:
        app.include_router(routes.router)
    describe(app)
    return app
