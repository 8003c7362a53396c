"""A catalog in a bucket does what one on a disk does, against a stand-in for S3."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from pyarrow import fs

from quantloom.data import (
    BucketNotFound,
    BucketRefuses,
    Catalog,
    ChangedMeanwhile,
    CorruptDataset,
    DatasetNotFound,
    s3_options,
)
from quantloom.data.extracts import ask
from quantloom.data.recipes import RecipeChanged, Shelf
from quantloom.data.store import Bucket
from quantloom.market import Bars, Ticks
from tests.library.data.builders import make_bars, make_instrument
from tests.library.data.recipes.builders import RETURNS, SPLIT, make_dataset

pytest.importorskip("obstore", reason="obstore is not installed; the extra s3 brings it")
moto_server = pytest.importorskip("moto.server", reason="moto, a stand-in for S3, is not installed")

KEYS = {"access_key_id": "x", "secret_access_key": "y", "region": "us-east-1"}


@pytest.fixture(scope="module")
def options() -> Iterator[dict[str, str]]:
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
    files.create_dir("bucket")
    yield KEYS | {"endpoint": f"http://{host}:{port}"}
    server.stop()


@pytest.fixture
def make(options: dict[str, str], request: pytest.FixtureRequest) -> Callable[[], Catalog]:
    return lambda: Catalog(f"s3://bucket/{request.node.name}", s3=options)


@pytest.fixture
def catalog(make: Callable[[], Catalog]) -> Catalog:
    return make()


def files_of(catalog: Catalog) -> list[str]:
    assert isinstance(catalog.place, Bucket)
    return catalog.place.files("bars/LOCAL/DEMO/1h")


def bars() -> Bars:
    return make_bars(2_000, timeframe="1h")


def test_bars_are_written_added_and_read(catalog: Catalog) -> None:
    catalog.write(bars()[:1_900], make_instrument(), source="x")

    info = catalog.append(bars()[1_900:])

    assert catalog.read("DEMO.LOCAL").digest() == bars().digest() == info.digest
    assert catalog.list() == (info,)
    assert info.location.startswith("s3://bucket/")
    assert len(catalog.read("DEMO.LOCAL", last=3)) == 3
    start = datetime(2020, 2, 1, tzinfo=UTC)
    assert catalog.read("DEMO.LOCAL", start=start).start == start
    compacted = catalog.compact("DEMO.LOCAL", "1h")
    assert (compacted.pieces_before, compacted.info.pieces) == (2, 1)
    assert len(files_of(catalog)) == 2


def test_of_two_writers_the_second_is_told(catalog: Catalog, make: Callable[[], Catalog]) -> None:
    catalog.write(bars()[:100], make_instrument(), source="x")

    def write_beside() -> None:
        with catalog.writer("DEMO.LOCAL", "1h", make_instrument(), source="slow") as writer:
            writer.add(bars()[:50])
            make().append(bars()[100:200])

    with pytest.raises(ChangedMeanwhile):
        write_beside()

    assert catalog.read("DEMO.LOCAL").digest() == bars()[:200].digest()
    assert catalog.compact("DEMO.LOCAL", "1h").info.rows == 200
    assert len(files_of(catalog)) == 2  # the loser's piece is gone


def test_two_first_writers_do_not_both_win(catalog: Catalog, make: Callable[[], Catalog]) -> None:
    def write_beside() -> None:
        with catalog.writer("DEMO.LOCAL", "1h", make_instrument(), source="slow") as writer:
            writer.add(bars()[:50])
            make().write(bars(), make_instrument(), source="quick")

    with pytest.raises(ChangedMeanwhile):
        write_beside()

    assert catalog.info("DEMO.LOCAL").source == "quick"


def test_what_is_deleted_is_gone(catalog: Catalog) -> None:
    catalog.write(bars(), make_instrument(), source="x")

    catalog.delete("DEMO.LOCAL", "1h")

    assert catalog.list() == ()
    assert files_of(catalog) == []
    with pytest.raises(DatasetNotFound):
        catalog.delete("DEMO.LOCAL", "1h")


def test_a_missing_piece_is_told(catalog: Catalog) -> None:
    catalog.write(bars(), make_instrument(), source="x")
    assert isinstance(catalog.place, Bucket)
    (piece,) = [name for name in files_of(catalog) if name.endswith(".parquet")]

    catalog.place.delete([f"bars/LOCAL/DEMO/1h/{piece}"])

    with pytest.raises(CorruptDataset, match="a piece is missing"):
        catalog.read("DEMO.LOCAL")


def test_ticks_and_sql_go_to_the_bucket(catalog: Catalog) -> None:
    ticks = Ticks.of_trades("DEMO.LOCAL", ts=np.arange(1, 4), price=[1.0, 2.0, 3.0], size=[1, 1, 1])
    catalog.write(bars(), make_instrument(), source="x")
    catalog.write_ticks(ticks, make_instrument(), source="x")

    found = ask(catalog, "select count(*) n, max(close) m from bars")

    assert found.to_pylist() == [{"n": 2_000, "m": float(bars().close.max())}]
    assert catalog.read_ticks("DEMO.LOCAL").digest() == ticks.digest()
    assert ask(catalog, "select sum(price) p from ticks")["p"].to_pylist() == [6.0]


def test_a_bucket_that_is_not_there_is_told(options: dict[str, str]) -> None:
    elsewhere = Catalog("s3://nowhere/data", s3=options)

    with pytest.raises(BucketNotFound, match="check its name and the endpoint"):
        elsewhere.list()
    with pytest.raises(BucketNotFound):
        elsewhere.read("DEMO.LOCAL", "1d")
    with pytest.raises(BucketNotFound):
        elsewhere.write(bars(), make_instrument(), source="x")


def test_datasets_of_recipes_lie_beside_the_bars(catalog: Catalog) -> None:
    kept = Shelf(catalog)
    first, second = (make_dataset(RETURNS, SPLIT, seed=seed) for seed in (1, 2))

    kept.keep(first)
    where = kept.keep(second)

    assert where.startswith("s3://bucket/")
    assert (kept.list(), catalog.list()) == ((("tried", 1),), ())
    assert kept.load("tried").digest() == second.digest() != first.digest()
    assert isinstance(catalog.place, Bucket)
    assert len(catalog.place.files("prepared/tried/1")) == 2
    with pytest.raises(RecipeChanged):
        kept.keep(make_dataset(RETURNS))
    kept.keep(make_dataset(RETURNS), replace=True)
    assert len(catalog.place.files("prepared/tried/1")) == 2


def test_a_place_that_does_not_answer_is_told() -> None:
    unheard = Catalog("s3://bucket/data", s3=KEYS | {"endpoint": "ftp://127.0.0.1"})

    with pytest.raises(BucketRefuses, match="check the name, the keys and the network"):
        unheard.list()


def test_options_come_from_variables_in_the_usual_names() -> None:
    found = s3_options(
        {
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL": "http://general",
            "AWS_ENDPOINT_URL_S3": "http://special",
            "AWS_SESSION_TOKEN": "",
            "HOME": "/root",
        }
    )

    assert found == {
        "access_key_id": "a",
        "secret_access_key": "b",
        "region": "eu-west-1",
        "endpoint": "http://special",
    }
