"""Unexpected errors reported to Sentry, where an operator names a project there."""

import sys
from typing import Any

from quantloom.version import VERSION
from quantloom_server.platform.logs.redaction import redact, redact_text
from quantloom_server.settings import Settings

# Bodies, cookies, addresses and local variables may hold what is nobody's business.
_LEFT_OUT = ("request", "user", "server_name", "extra", "modules")


def open_sentry(settings: Settings, *, process: str, transport: Any = None) -> bool:
    """Begin to report what is logged as an error.

    Args:
        settings: names the project, or none.
        process: the name that the reports bear.
        transport: carries the reports, instead of the one that sends them.
    Returns:
        Whether anything will be reported.
    """
    if settings.sentry_dsn is None:
        return False
    import sentry_sdk  # noqa: PLC0415  only where it is wanted

    sentry_sdk.init(
        dsn=settings.sentry_dsn.get_secret_value(),
        release=f"quantloom@{VERSION}",
        environment=settings.environment.value,
        default_integrations=False,
        auto_enabling_integrations=False,
        include_local_variables=False,
        max_request_body_size="never",
        traces_sample_rate=0.0,
        before_send=scrub,
        transport=transport,
    )
    sentry_sdk.set_tag("process", process)
    return True


def report(error: BaseException, *, request_id: str) -> None:
    """Report an error that nobody expected; nothing happens where Sentry is not opened."""
    if "sentry_sdk" not in sys.modules:
        return
    import sentry_sdk  # noqa: PLC0415  it is loaded already

    with sentry_sdk.new_scope() as scope:
        scope.set_tag("request_id", request_id)
        sentry_sdk.capture_exception(error)


def scrub(event: Any, _hint: Any) -> Any:
    """Keep of a report what helps to mend the fault, without what may be secret."""
    kept = {key: value for key, value in event.items() if key not in _LEFT_OUT}
    for fault in kept.get("exception", {}).get("values", ()):
        fault["value"] = redact_text(str(fault.get("value", "")))
        for frame in fault.get("stacktrace", {}).get("frames", ()):
            frame.pop("vars", None)
    return redact(kept)
