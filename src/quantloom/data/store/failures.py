"""What goes wrong with what is stored."""

from pathlib import Path

from quantloom.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable


class CorruptDataset(Unavailable):
    """A file of the catalog that cannot be read as what it should be."""

    code = "data.corrupt_dataset"

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return (
            f"{self.path} is damaged ({self.reason}); restore it from a backup, "
            "or delete it and import the data again"
        )


class SchemaTooNew(Invalid):
    """A dataset that a later version of this library wrote."""

    code = "data.schema_too_new"

    def __init__(self, path: Path | str, schema: int, known: int) -> None:
        super().__init__(path, schema, known)
        self.path, self.schema, self.known = path, schema, known

    def __str__(self) -> str:
        return (
            f"{self.path} has schema {self.schema}, this version reads up to {self.known}; "
            "upgrade quantloom, or import the data again"
        )


class ReservedColumn(Invalid):
    """An extra column that has the name of a column every bar has."""

    code = "data.reserved_column"

    def __init__(self, symbol: str, column: str) -> None:
        super().__init__(symbol, column)
        self.symbol, self.column = symbol, column

    def __str__(self) -> str:
        return f"{self.symbol}: an extra column cannot be named {self.column!r}; rename it"


class CatalogUnwritable(Unavailable):
    """The disk or the bucket refused a change; what was there before is unharmed."""

    code = "data.catalog_unwritable"

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"cannot write {self.path}: {self.reason}; free space or choose another directory"


class CatalogBusy(Unavailable):
    """A dataset that another writer kept to itself for as long as this one would wait."""

    code = "data.catalog_busy"

    def __init__(self, path: Path | str, waited_s: float) -> None:
        super().__init__(path, waited_s)
        self.path, self.waited_s = path, waited_s

    def __str__(self) -> str:
        return (
            f"another import is writing {self.path}; waited {self.waited_s:g} s for it: "
            "try again when it has finished"
        )


class ChangedMeanwhile(Conflict):
    """A dataset in a bucket that another writer changed while this one was at work."""

    code = "data.changed_meanwhile"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"another writer changed {self.path} meanwhile; what it wrote stands: try again"


class BucketRefuses(Unavailable):
    """A bucket that cannot be reached or does not allow what is asked."""

    code = "data.bucket_refuses"

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}; check the name, the keys and the network"


class BucketNotFound(NotFound):
    """A catalog in a bucket that does not exist."""

    code = "data.bucket_not_found"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: there is no such bucket; check its name and the endpoint, or make it"


class BucketKeysMissing(Forbidden):
    """A bucket that nobody gave keys for."""

    code = "data.bucket_keys_missing"

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path

    def __str__(self) -> str:
        return (
            f"{self.path}: no keys to reach the bucket with; set AWS_ACCESS_KEY_ID and "
            "AWS_SECRET_ACCESS_KEY, or pass s3= in Python"
        )


class BucketExtraMissing(Unavailable):
    """The package that buckets are reached by is not installed."""

    code = "data.bucket_extra_missing"

    def __str__(self) -> str:
        return "catalogs in a bucket need obstore; install it: pip install 'quantloom[s3]'"
