"""How datasets are stored: pieces, the manifest that names them, the places they lie in.

The catalog and the shelf of ticks are built on it; nothing else should need it.
"""

from quantloom.data.store.buckets import Bucket, s3_options
from quantloom.data.store.dataset import Builder, Dataset, Plan, Revision, join_blocks
from quantloom.data.store.disk import Disk
from quantloom.data.store.failures import (
    BucketExtraMissing,
    BucketKeysMissing,
    BucketNotFound,
    BucketRefuses,
    CatalogBusy,
    CatalogUnwritable,
    ChangedMeanwhile,
    CorruptDataset,
    ReservedColumn,
    SchemaTooNew,
)
from quantloom.data.store.manifest import Manifest, Piece
from quantloom.data.store.pieces import Columns, Subject, Wanted
from quantloom.data.store.places import Place

__all__ = [
    "Bucket",
    "BucketExtraMissing",
    "BucketKeysMissing",
    "BucketNotFound",
    "BucketRefuses",
    "Builder",
    "CatalogBusy",
    "CatalogUnwritable",
    "ChangedMeanwhile",
    "Columns",
    "CorruptDataset",
    "Dataset",
    "Disk",
    "Manifest",
    "Piece",
    "Place",
    "Plan",
    "ReservedColumn",
    "Revision",
    "SchemaTooNew",
    "Subject",
    "Wanted",
    "join_blocks",
    "s3_options",
]
