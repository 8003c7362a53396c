"""The REST service: every domain's routes behind one edge."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig

from quantloom.kit.clock import Clock
from quantloom.version import VERSION
from quantloom_server.audit import endpoints as audit
from quantloom_server.identity import endpoints as identity
from quantloom_server.identity.access import endpoints as access
from quantloom_server.identity.approvals import endpoints as approvals
from quantloom_server.identity.keys import endpoints as keys
from quantloom_server.identity.keys.gatekeeper import make_gatekeeper
from quantloom_server.identity.leaving import endpoints as leaving
from quantloom_server.identity.means import open_means
from quantloom_server.instruments import endpoints as instruments
from quantloom_server.instruments.keeping import Keeper
from quantloom_server.platform import status
from quantloom_server.platform.documenting import describe
from quantloom_server.platform.edge.finding import find_quickly
from quantloom_server.platform.edge.stack import surround
from quantloom_server.platform.jobs import endpoints as jobs
from quantloom_server.platform.logs.channels import open_logs
from quantloom_server.platform.opening import open_parts
from quantloom_server.platform.pages.serving import add_pages
from quantloom_server.platform.parts import GatekeeperMaker
from quantloom_server.platform.problems import tell_errors
from quantloom_server.platform.safety import refuse_unsafe
from quantloom_server.platform.supervision.board import BoardReader
from quantloom_server.platform.telemetry.metrics import HttpMetrics
from quantloom_server.platform.telemetry.sentry import open_sentry
from quantloom_server.platform.telemetry.tracing import open_tracing
from quantloom_server.settings import Settings, read_settings
from quantloom_server.strategies import endpoints as strategies
from quantloom_server.strategies.market import endpoints as strategy_market

ROUTES = (
    status.routes,
    identity.routes,
    access.users,
    access.roles,
    access.places,
    approvals.routes,
    keys.routes,
    leaving.users,
    leaving.routes,
    audit.routes,
    jobs.routes,
    jobs.schedule_routes,
    instruments.routes,
    strategies.routes,
    strategy_market.routes,
)

# The stack makes spans and measurements of its own; FastAPI would look for places to send others.
_OFF: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}


def create_app(
    settings: Settings,
    *,
    keeper: GatekeeperMaker = make_gatekeeper,
    clock: Clock | None = None,
) -> FastAPI:
    """Put the service together; nothing is opened before it starts.

    Raises:
        UnsafeSettings: this is production, and a setting is not fit for it.
        WeakSecret: the secret key can be guessed.
    """
    refuse_unsafe(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        open_sentry(settings, process="serve")
        with open_means(settings) as means:
            async with (
                open_tracing(settings, process="serve") as app.state.spans,
                open_parts(settings, keeper, clock=clock) as parts,
            ):
                app.state.parts, app.state.identity = parts, means
                app.state.started_at = parts.clock.now().isoformat().replace("+00:00", "Z")
                app.state.instruments = Keeper(settings, parts.clock)
                yield

    metrics = HttpMetrics(several=settings.workers > 1)
    app = FastAPI(
        title="Quantloom",
        version=VERSION,
        lifespan=lifespan,
        # The document has pages of our own, which load nothing from elsewhere.
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if settings.shows_docs else None,
        # A redirect would name whatever host the request did; the edge knows paths with a slash.
        redirect_slashes=False,
        telemetry=_OFF,
    )
    app.state.metrics = metrics
    app.state.processes = BoardReader(settings.data_dir)
    tell_errors(app)
    for routes in ROUTES:
        # Taken in one by one: included as a whole, each request would search them twice.
        app.router.routes.extend(routes.router.routes)
    describe(app)
    if settings.shows_docs:
        add_pages(app)
    find_quickly(app)
    surround(app, settings, metrics)
    return app


def from_environment() -> FastAPI:
    """Make the application of a process that uvicorn starts by itself, one of several."""
    settings = read_settings()
    open_logs(settings, process="serve")
    return create_app(settings)
