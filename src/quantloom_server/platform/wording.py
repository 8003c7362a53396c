"""What names mean that stand for the same thing in all of the document.

A field or a parameter that means something else says so itself; one that is told neither there nor
here is refused by a test.
"""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

PARAMETERS: Mapping[str, str] = {
    "user_id": "The id of the account.",
    "session_id": "The id of the session, as `GET /api/v1/auth/sessions` lists it.",
    "workspace_id": "The id of the workspace that you act in, or would switch to.",
    "approval_id": "The id of the approval.",
    "key_id": "The id of the key; not the key itself.",
    "entry_id": "The id of the entry.",
    "job_id": "The id of the job.",
    "schedule_id": "The id of the schedule.",
    "name": "The name of the role, such as `researcher`.",
    "X-CSRF-Token": "The value of the cookie `quantloom_csrf`, where the token is in its cookie.",
    "Idempotency-Key": "A text of yours, new for each act; sent again, nothing is done twice.",
    "If-Match": "The `ETag` of what was read; where it has changed since, nothing is done.",
}

FIELDS: Mapping[str, str] = {
    "access_token": "For `Authorization: Bearer ...`.",
    "action": "What was done, such as `identity.password_changed`.",
    "address": "The network address that it came from.",
    "after": "The thing after the act, as far as it is kept.",
    "at": "When it happened.",
    "attempts": "Who has worked on it, the first one first.",
    "avatar_url": "A picture: an https URL, or a path of this site.",
    "cancel_requested_at": "When it was asked to stop.",
    "code": "Stable; the one to decide by.",
    "created_at": "When it was made.",
    "cron": "Five fields: minute, hour, day, month, day of the week.",
    "current_password": "The one that signs in now; `old_password` is read too.",
    "description": "What it is for.",
    "decided_at": "When somebody decided.",
    "decided_by": "The id of who decided.",
    "email": "Where mails go, and a name to sign in by.",
    "ended_at": "When it ended.",
    "environment": "development or production.",
    "error": "What went wrong; null where nothing did.",
    "expires_at": "When it stops to count.",
    "expires_in_days": "How many days it counts.",
    "finished_at": "When it was over.",
    "full_name": "A name to be shown.",
    "has_second_factor": "Whether signing in asks for a code.",
    "has_trading_password": "Whether a password to unlock trading is set.",
    "hint": "The beginning of the key, by which its owner knows it.",
    "id": "Of this one, for good.",
    "is_active": "Whether it is open; nobody signs in to one that is shut.",
    "is_current": "Whether it is the one of this request.",
    "is_enabled": "Whether it starts anything.",
    "items": "What the list holds, in its order.",
    "kind": "What it is of, such as `backtests.run`.",
    "last_address": "Where it was used from last.",
    "last_job_id": "The job that it started last.",
    "last_run_at": "When it started something last.",
    "last_used_at": "When it was used last, to a minute.",
    "max_attempts": "How often it may be begun.",
    "message": "In words.",
    "must_change_password": "Whether the password has to be changed before anything else.",
    "name": "What it is called.",
    "networks": "From where it may be used, as 203.0.113.0/24; from anywhere where empty.",
    "new_password": "At least 8 characters, not one that others would try.",
    "next_run_at": "When it starts something next.",
    "note": "Words to whoever reads it.",
    "now": "The time of the service.",
    "object_id": "What it was done to.",
    "object_kind": "What kind of thing that is.",
    "one_time_password": "For one sign-in; it must be changed then. Shown this once.",
    "password": "The one that signs in.",
    "payload": "What the job is given.",
    "permissions": "What may be done, each by its name.",
    "phone": "A telephone number, as it is dialled.",
    "proposed_by": "The id of who proposed it.",
    "queue": "Which workers do it.",
    "reason": "Why it was proposed.",
    "recovery_codes": "Each stands in for the authenticator once. Shown this once.",
    "recovery_codes_left": "How many were not used yet.",
    "refresh_token": "Of the last answer; it counts once.",
    "request_id": "The request that did it.",
    "requests_per_minute": "How many requests it may send in a minute.",
    "revoked_at": "When its owner took it back.",
    "role": "What the account is in this workspace; null where it is no member.",
    "scopes": "What it may do, of what its owner may.",
    "session_id": "The session that it was done in.",
    "since": "From when on.",
    "started_at": "When it began.",
    "state": "How far it is.",
    "status": "`ok`, or what is wrong.",
    "timezone": "The zone whose clock counts, as `Asia/Shanghai`.",
    "token": "What stands in the mail after `#token=`.",
    "token_type": "Always `bearer`.",
    "trading_password": "Unlocks trading; another one than signs in.",
    "unlocked_until": "Until when trading is unlocked in this session; null where it is not.",
    "updated_at": "When it was changed last.",
    "user_agent": "The program that signed in, as it names itself.",
    "user_id": "The id of the account.",
    "username": "The name to sign in by.",
    "version": "The release that runs.",
    "worker": "Which worker it was.",
    "workspace_id": "The workspace that it belongs to, or that the session acts in.",
}


def tell_parameters(operation: Json) -> None:
    """Tell of each parameter that says nothing of itself."""
    for one in operation.get("parameters", ()):
        if not one.get("description") and one["name"] in PARAMETERS:
            one["description"] = PARAMETERS[one["name"]]


def tell_fields(schemas: Mapping[str, Json]) -> None:
    """Tell of each field that says nothing of itself."""
    for schema in schemas.values():
        for name, field in schema.get("properties", {}).items():
            if not field.get("description") and name in FIELDS:
                field["description"] = FIELDS[name]
