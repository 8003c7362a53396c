"""The web client's types are checked, and it is run against the service."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from tests.house.checkout import ROOT
from tests.server.clients.conftest import PASSWORD, Served

WEB = ROOT / "web"
TSC = WEB / "node_modules" / ".bin" / "tsc"

pytestmark = pytest.mark.skipif(
    not TSC.exists(), reason="needs Node.js, and `npm ci` in web/; `make test` sees to it"
)

TRY = """
import { Client, ApiError } from "./api/client.js";
const [base, username, password] = process.argv.slice(2);
const client = new Client({ base });
await client.login(username, password);
const me = await client.call("read_profile_as_me", {});
const found = await client.call("list_instruments", { query: { q: "lw", limit: 1 } });
const one = await client.call("get_instrument", { path: { symbol: "BTC/USDT" }, query: {} });
const refused = await client.call("list_instruments", { query: { limit: 0 } })
  .catch((error) => error instanceof ApiError ? [error.status, error.code] : String(error));
await client.logout();
const after = await client.call("list_sessions", {}).catch((error) => error.code);
console.log(JSON.stringify({
  me: me.username, found: found.items[0].symbol, one: one.symbol, refused, after,
}));
"""
WRONG = """
import { Client } from "./api/client.js";
const client = new Client({ base: "" });
void client.call("list_instruments", { query: { limit: "many" } });
"""


def compile_web(out: Path, *more: Path) -> subprocess.CompletedProcess[str]:
    settings = out / "tsconfig.json"
    sources = [str(WEB / "src"), *map(str, more)]
    options = {"outDir": str(out / "js"), "rootDirs": [str(WEB / "src"), str(out)]}
    options["rootDir"] = "/"
    told = {"extends": str(WEB / "tsconfig.json"), "compilerOptions": options, "include": sources}
    settings.write_text(json.dumps(told))
    return subprocess.run([TSC, "-p", settings], capture_output=True, text=True, check=False)


def test_the_types_of_the_client_hold(tmp_path: Path) -> None:
    (tmp_path / "wrong.ts").write_text(WRONG)

    good = compile_web(tmp_path)
    bad = compile_web(tmp_path, tmp_path / "wrong.ts")

    assert good.returncode == 0, good.stdout
    assert "Type 'string' is not assignable to type 'number'" in bad.stdout


async def test_the_client_signs_in_reads_and_tells_errors(
    served: Served, username: str, tmp_path: Path
) -> None:
    built = await asyncio.to_thread(compile_web, tmp_path)
    assert built.returncode == 0, built.stdout
    code = next((tmp_path / "js").rglob("api")).parent
    (code / "package.json").write_text('{"type": "module"}')
    (code / "try.js").write_text(TRY)

    command = ["node", str(code / "try.js"), served.address, username, PASSWORD]
    ran = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "me": username,
        "found": "rb-MAIN.SHFE",
        "one": "BTC-USDT.BINANCE",
        "refused": [422, "request.invalid"],
        "after": "auth.unauthenticated",
    }
