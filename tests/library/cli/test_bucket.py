"""Commands on a catalog in a bucket, against a stand-in for S3."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import fs

from quantloom.data import BucketKeysMissing
from quantloom.data.store import buckets
from tests.library.cli.conftest import Cli

pytest.importorskip("obstore", reason="obstore is not installed; the extra s3 brings it")
moto_server = pytest.importorskip("moto.server", reason="moto, a stand-in for S3, is not installed")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = moto_server.ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    files = fs.S3FileSystem(
        access_key="x",
        secret_key="y",
        region="us-east-1",
        endpoint_override=f"{host}:{port}",
        scheme="http",
        allow_bucket_creation=True,
    )
    files.create_dir("store")
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def in_bucket(cli: Cli, address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    """The command line with a bucket for its catalog, and a home for what stays here."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    monkeypatch.setenv("QUANTLOOM_DATA_DIR", "s3://store/some/bars")
    return cli


def test_bars_go_into_the_bucket_and_come_out(
    in_bucket: Cli, bars_file: Path, tmp_path: Path
) -> None:
    stored = in_bucket(
        "data", "import", bars_file, "--symbol", "WALK.LOCAL", "--zone", "UTC", "--yes", "--json"
    )
    assert stored.code == 0, stored.err

    listed = in_bucket("data", "list", "walk", "--json").json["datasets"]
    assert [(one["symbol"], one["rows"]) for one in listed] == [("WALK.LOCAL", 400)]
    query = "select count(*) as n from bars where symbol = 'WALK.LOCAL'"
    assert in_bucket("data", "sql", query, "--json").json["rows"] == [{"n": 400}]
    run = in_bucket("backtest", "run", "sma-cross", "--symbol", "WALK.LOCAL", "--json")
    assert run.code == 0, run.err
    notes = tmp_path / "home" / ".local" / "share" / "quantloom" / "buckets"
    assert [path.name for path in notes.iterdir()] == ["store%2Fsome%2Fbars"]
    assert in_bucket("data", "compact", "WALK.LOCAL", "--json").json["datasets"][0]["pieces"] == 1
    assert in_bucket("data", "delete", "WALK.LOCAL", "--yes").code == 0
    assert in_bucket("data", "list", "walk", "--json").json["total"] == 0


def test_a_bucket_that_is_not_there_is_told(in_bucket: Cli) -> None:
    outcome = in_bucket("data", "list", "--data-dir", "s3://nowhere/x")

    assert outcome.code == 3
    assert "there is no such bucket" in outcome.err


def test_missing_keys_are_told(
    in_bucket: Cli, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    # A machine outside Amazon's network; its own address for keys takes long to fail elsewhere.
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setattr(buckets, "_METADATA", "127.0.0.1:9")

    outcome = in_bucket("data", "list")

    assert outcome.code == 4
    assert "AWS_ACCESS_KEY_ID" in outcome.err
    assert str(BucketKeysMissing("s3://store/some/bars")) in outcome.err


def test_a_missing_package_is_told(in_bucket: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)

    outcome = in_bucket("data", "list")

    assert outcome.code == 6
    assert "pip install 'quantloom[s3]'" in outcome.err


@pytest.mark.parametrize("place", ["s3://", "ftp://host/x", "walk.csv"])
def test_a_place_that_is_none_is_told(place: str, cli: Cli, bars_file: Path) -> None:
    outcome = cli("data", "list", "--data-dir", place)

    assert outcome.code == 2
    assert "write a folder or s3://bucket/prefix" in " ".join(outcome.err.split())
