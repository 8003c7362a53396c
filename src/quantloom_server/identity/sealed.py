"""Where this domain keeps secrets at rest, for turning their key over."""

from quantloom_server.platform.rotation import SealedColumn

SEALED = (SealedColumn(table="second_factors", column="secret_sealed", keys=("user_id",)),)
