"""Datasets under a prefix of an S3 bucket.

A bucket has no locks. The manifest is put in place on condition that it still is the one the change
began with: of two writers the second is told, and what the first wrote stands. Pieces carry the
generation in their names, so neither writes over the other's.
"""

import io
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import pyarrow as pa
from pyarrow import fs

from quantloom.data.store.failures import (
    BucketExtraMissing,
    BucketKeysMissing,
    BucketNotFound,
    BucketRefuses,
    ChangedMeanwhile,
)
from quantloom.data.store.manifest import MANIFEST
from quantloom.data.store.places import Write

SCHEME = "s3://"
_AT_ONCE = 16
# Where a machine of Amazon's own is asked for its keys, once nothing else has given any.
_METADATA = "169.254.169.254"
_VARIABLES = {
    "access_key_id": ("AWS_ACCESS_KEY_ID",),
    "secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
    "session_token": ("AWS_SESSION_TOKEN",),
    "region": ("AWS_REGION", "AWS_DEFAULT_REGION"),
    "endpoint": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
}
_TOLD = re.compile(r"<Code>([^<]+)</Code>\s*(?:<Message>([^<]*)</Message>)?")


def s3_options(environment: Mapping[str, str]) -> dict[str, str]:
    """Choose what a bucket is reached with from variables in the usual names.

    Args:
        environment: variables by name: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
            `AWS_SESSION_TOKEN`, `AWS_REGION` or `AWS_DEFAULT_REGION`, `AWS_ENDPOINT_URL_S3` or
            `AWS_ENDPOINT_URL`; the first of two that is set counts.
    Returns:
        What is set, as `Catalog` takes it by `s3=`.
    """
    found = {
        option: next((environment[name] for name in names if environment.get(name)), "")
        for option, names in _VARIABLES.items()
    }
    return {option: value for option, value in found.items() if value}


class Bucket:
    """A prefix of an S3 bucket.

    Args:
        url: `s3://bucket/prefix`.
        options: `access_key_id`, `secret_access_key`, `session_token`, `region` and `endpoint`;
            what is not given comes from where the AWS tools look.
    """

    def __init__(self, url: str, options: Mapping[str, str] | None = None) -> None:
        self.url, self._options = url.rstrip("/"), dict(options or {})
        bucket, _, prefix = self.url.removeprefix(SCHEME).partition("/")
        self._bucket, self._prefix = bucket, f"{prefix}/" if prefix else ""
        self._api = _api()
        is_plain = self._options.get("endpoint", "").startswith("http://")
        # Without keys a machine that may not be there is asked for some: not ten times.
        retrying = {} if "access_key_id" in self._options else {"max_retries": 1}
        self._store = self._api.store.S3Store(
            bucket,
            config=self._options,
            client_options={"allow_http": is_plain},
            retry_config=retrying or None,
        )

    def where(self, name: str) -> str:
        return f"{self.url}/{name}"

    def read(self, name: str) -> bytes:
        return self._get(name)[0]

    def read_all(self, names: list[str]) -> Iterator[bytes | None]:
        with ThreadPoolExecutor(_AT_ONCE) as readers:
            yield from readers.map(self._find, names)

    def source(self, name: str) -> Any:
        # Pieces are a few megabytes at most: one request is quicker than several of a part each.
        return pa.BufferReader(self.read(name))

    def path(self, name: str) -> str:
        return f"{self._bucket}/{self._prefix}{name}"

    def filesystem(self) -> fs.FileSystem:
        names = {
            "access_key_id": "access_key",
            "secret_access_key": "secret_key",
            "session_token": "session_token",
            "region": "region",
        }
        given: dict[str, Any] = {
            names[name]: value for name, value in self._options.items() if name in names
        }
        endpoint = self._options.get("endpoint", "")
        if endpoint:
            scheme, _, host = endpoint.partition("://")
            given |= {"endpoint_override": host, "scheme": scheme}
        return fs.S3FileSystem(**given)

    def datasets(self, prefix: str) -> list[str]:
        end = f"/{MANIFEST}"
        with self._refusals(prefix):
            listed = self._api.list(self._store, prefix=f"{self._prefix}{prefix}")
            paths = [entry["path"] for entries in listed for entry in entries]
        names = [path.removeprefix(self._prefix) for path in paths]
        return [name.removesuffix(end) for name in names if name.endswith(end)]

    @contextmanager
    def changing(self, folder: str) -> Iterator["BucketChange"]:
        yield BucketChange(self, folder)

    def found(self, name: str) -> tuple[bytes, str] | None:
        """A file and the tag of its version; None where there is none."""
        with suppress(FileNotFoundError):
            return self._get(name)
        return None

    def put(self, name: str, content: bytes) -> None:
        """Store a file, replacing what there was."""
        with self._refusals(name):
            self._api.put(self._store, self._key(name), content)

    def put_if(self, name: str, content: bytes, version: str | None) -> None:
        """Store a file in the place of one version of it; None for where there is none.

        Raises:
            ChangedMeanwhile: it is another version.
        """
        mode = "create" if version is None else {"e_tag": version}
        with self._refusals(name):
            try:
                self._api.put(self._store, self._key(name), content, mode=mode, use_multipart=False)
            except (
                self._api.exceptions.AlreadyExistsError,
                self._api.exceptions.PreconditionError,
            ) as changed:
                raise ChangedMeanwhile(self.where(name)) from changed

    def delete(self, names: list[str]) -> None:
        """Delete files that may be gone already."""
        with self._refusals(self.url):
            self._api.delete(self._store, [self._key(name) for name in names])

    def files(self, folder: str) -> list[str]:
        """Names of the files in a folder."""
        with self._refusals(folder):
            listed = self._api.list(self._store, prefix=self._key(folder))
            return [entry["path"].rpartition("/")[2] for entries in listed for entry in entries]

    def _find(self, name: str) -> bytes | None:
        found = self.found(name)
        return None if found is None else found[0]

    def _get(self, name: str) -> tuple[bytes, str]:
        with self._refusals(name, may_be_missing=True):
            got = self._api.get(self._store, self._key(name))
            return bytes(got.bytes()), str(got.meta["e_tag"])

    def _key(self, name: str) -> str:
        return f"{self._prefix}{name}"

    @contextmanager
    def _refusals(self, name: str, *, may_be_missing: bool = False) -> Iterator[None]:
        errors = self._api.exceptions
        try:
            yield
        except (errors.BaseError, OSError) as problem:
            text, where = str(problem), self.where(name)
            told = _TOLD.search(text)
            if told and told[1] == "NoSuchBucket":
                raise BucketNotFound(self.url) from problem
            if may_be_missing and isinstance(problem, errors.NotFoundError | FileNotFoundError):
                raise FileNotFoundError(where) from None
            if _METADATA in text:
                raise BucketKeysMissing(self.url) from problem
            raise BucketRefuses(where, _reason(text, told)) from problem


class BucketChange:
    """A change of one dataset, which holds if nobody else has changed it meanwhile."""

    def __init__(self, bucket: Bucket, folder: str) -> None:
        self._bucket, self._folder = bucket, folder
        found = bucket.found(f"{folder}/{MANIFEST}")
        self._before = None if found is None else found[0]
        self._version = None if found is None else found[1]

    def current(self) -> bytes | None:
        return self._before

    def put(self, name: str, write: Write) -> tuple[int, str]:
        file = io.BytesIO()
        told = write(file)
        content = file.getvalue()
        self._bucket.put(f"{self._folder}/{name}", content)
        return len(content), told

    def settle(self) -> None:
        """Nothing: what was put is there."""

    def commit(self, manifest: bytes, kept: frozenset[str], gone: frozenset[str]) -> None:
        self._bucket.put_if(f"{self._folder}/{MANIFEST}", manifest, self._version)
        self._clear(gone - kept)

    def sweep(self, kept: frozenset[str]) -> None:
        self._clear(frozenset(self._bucket.files(self._folder)) - kept - {MANIFEST})

    def remove(self) -> None:
        self._bucket.delete([f"{self._folder}/{MANIFEST}"])
        self.sweep(frozenset())

    def _clear(self, names: frozenset[str]) -> None:
        # The change is made; what cannot be cleared away now is by `compact`.
        with suppress(BucketRefuses):
            self._bucket.delete([f"{self._folder}/{name}" for name in sorted(names)])


def _api() -> Any:
    try:
        import obstore  # noqa: PLC0415  optional, and only buckets need it
        import obstore.store  # noqa: PLC0415
    except ImportError as missing:
        raise BucketExtraMissing from missing
    return obstore


def _reason(text: str, told: re.Match[str] | None) -> str:
    if told is None:
        return (text.splitlines() or ["?"])[0]
    return f"{told[1]}: {told[2]}" if told[2] else told[1]
