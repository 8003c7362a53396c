"""People who write strategies."""

import httpx2
import pytest

from quantloom_server.platform.database import Database
from tests.server.identity.access.support import write_member
from tests.server.support import SignIn


@pytest.fixture
async def ada(database: Database, sign_in: SignIn) -> httpx2.AsyncClient:
    """A researcher in a workspace of her own."""
    caller, _ = await write_member(database, "researcher", None)
    return await sign_in(caller)


@pytest.fixture
async def bob(database: Database, sign_in: SignIn) -> httpx2.AsyncClient:
    """Another one, elsewhere."""
    caller, _ = await write_member(database, "researcher", None)
    return await sign_in(caller)
