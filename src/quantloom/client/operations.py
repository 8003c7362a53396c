"""One method for each operation of the service. Made of the OpenAPI document by `make api`."""

# fmt: off
# ruff: noqa: A002, E501

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from quantloom.client import shapes


class Operations(ABC):
    """What the service does, each by the name of its operation.

    Bodies and answers are dictionaries with known keys (`quantloom.client.shapes`); what
    is None is not sent. Each raises `RequestRefused` and `ServiceUnavailable`.
    """

    @abstractmethod
    def request(
        self, method: str, path: str, *, query: Mapping[str, Any] | None = None,
        body: Any = None, headers: Mapping[str, str | None] | None = None,
    ) -> Any:
        """Send a request and read the answer."""

    def health(self) -> shapes.Alive:
        """Is the process alive: `GET /health`, needs `anyone`."""
        found: shapes.Alive = self.request("GET", "/health")
        return found

    def ready(self) -> shapes.Ready:
        """Can the process serve: `GET /health/ready`, needs `anyone`."""
        found: shapes.Ready = self.request("GET", "/health/ready")
        return found

    def status(self) -> shapes.Status:
        """What is running, and how it is: `GET /api/v1/status`, needs `anyone`."""
        found: shapes.Status = self.request("GET", "/api/v1/status")
        return found

    def metrics(self) -> str:
        """Measurements, as Prometheus reads them: `GET /metrics`, needs `anyone`."""
        found: str = self.request("GET", "/metrics")
        return found

    def register(self, body: shapes.RegisterIn) -> shapes.RegisteredOut:
        """Make an account: `POST /api/v1/auth/register`, needs `anyone`."""
        found: shapes.RegisteredOut = self.request("POST", "/api/v1/auth/register", body=body)
        return found

    def logout_all(self, *, idempotency_key: str | None = None) -> None:
        """End all own sessions: `POST /api/v1/auth/logout-all`, needs `profile`."""
        found: None = self.request("POST", "/api/v1/auth/logout-all", headers={"Idempotency-Key": idempotency_key})
        return found

    def read_profile(self) -> shapes.ProfileOut:
        """The own account: `GET /api/v1/auth/profile`, needs `profile`."""
        found: shapes.ProfileOut = self.request("GET", "/api/v1/auth/profile")
        return found

    def change_profile(self, body: shapes.ProfileIn, *, if_match: str | None = None, idempotency_key: str | None = None) -> shapes.ProfileOut:
        """Change the own account: `PUT /api/v1/auth/profile`, needs `profile`."""
        found: shapes.ProfileOut = self.request("PUT", "/api/v1/auth/profile", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}, body=body)
        return found

    def read_profile_as_me(self) -> shapes.ProfileOut:
        """The own account: `GET /api/v1/auth/me`, needs `profile`."""
        found: shapes.ProfileOut = self.request("GET", "/api/v1/auth/me")
        return found

    def list_sessions(self) -> shapes.SessionsOut:
        """Where the account is signed in: `GET /api/v1/auth/sessions`, needs `profile`."""
        found: shapes.SessionsOut = self.request("GET", "/api/v1/auth/sessions")
        return found

    def end_session(self, session_id: str | UUID, *, idempotency_key: str | None = None) -> None:
        """End a session: `DELETE /api/v1/auth/sessions/{session_id}`, needs `profile`."""
        found: None = self.request("DELETE", f"/api/v1/auth/sessions/{_in_path(session_id)}", headers={"Idempotency-Key": idempotency_key})
        return found

    def change_password(self, body: shapes.ChangePasswordIn) -> shapes.TokensOut:
        """Change the password; all sessions end: `POST /api/v1/auth/change-password`, needs `profile`."""
        found: shapes.TokensOut = self.request("POST", "/api/v1/auth/change-password", body=body)
        return found

    def ask_reset(self, body: shapes.ResetIn) -> shapes.ToldOut:
        """Ask for a mail: `POST /api/v1/auth/reset-password`, needs `anyone`."""
        found: shapes.ToldOut = self.request("POST", "/api/v1/auth/reset-password", body=body)
        return found

    def confirm_reset(self, body: shapes.ResetConfirmIn) -> None:
        """Set a new password by a mail: `POST /api/v1/auth/reset-password/confirm`, needs `anyone`."""
        found: None = self.request("POST", "/api/v1/auth/reset-password/confirm", body=body)
        return found

    def ask_verification(self, body: shapes.VerifyIn) -> shapes.ToldOut:
        """Ask for the mail that proves an address once more: `POST /api/v1/auth/verify-email`, needs `anyone`."""
        found: shapes.ToldOut = self.request("POST", "/api/v1/auth/verify-email", body=body)
        return found

    def confirm_verification(self, body: shapes.MailTokenIn) -> None:
        """Prove an address by a mail: `POST /api/v1/auth/verify-email/confirm`, needs `anyone`."""
        found: None = self.request("POST", "/api/v1/auth/verify-email/confirm", body=body)
        return found

    def ask_email_change(self, body: shapes.ChangeEmailIn) -> shapes.ToldOut:
        """Ask for another e-mail address: `POST /api/v1/auth/change-email`, needs `profile`."""
        found: shapes.ToldOut = self.request("POST", "/api/v1/auth/change-email", body=body)
        return found

    def confirm_email_change(self, body: shapes.MailTokenIn) -> None:
        """Finish it by the mail: `POST /api/v1/auth/change-email/confirm`, needs `profile`."""
        found: None = self.request("POST", "/api/v1/auth/change-email/confirm", body=body)
        return found

    def read_factors(self) -> shapes.FactorsOut:
        """What protects the account: `GET /api/v1/auth/factors`, needs `profile`."""
        found: shapes.FactorsOut = self.request("GET", "/api/v1/auth/factors")
        return found

    def enrol(self, body: shapes.ProofIn) -> shapes.EnrolmentOut:
        """Begin to set a second factor up: `POST /api/v1/auth/totp`, needs `profile`."""
        found: shapes.EnrolmentOut = self.request("POST", "/api/v1/auth/totp", body=body)
        return found

    def confirm_factor(self, body: shapes.ConfirmIn) -> shapes.ConfirmedOut:
        """Finish it by the first code: `POST /api/v1/auth/totp/confirm`, needs `profile`."""
        found: shapes.ConfirmedOut = self.request("POST", "/api/v1/auth/totp/confirm", body=body)
        return found

    def remove_factor(self, body: shapes.FactorProofIn) -> shapes.TokensOut:
        """Take the second factor away: `POST /api/v1/auth/totp/disable`, needs `profile`."""
        found: shapes.TokensOut = self.request("POST", "/api/v1/auth/totp/disable", body=body)
        return found

    def renew_codes(self, body: shapes.ProofIn) -> shapes.CodesOut:
        """New recovery codes: `POST /api/v1/auth/recovery-codes`, needs `profile`."""
        found: shapes.CodesOut = self.request("POST", "/api/v1/auth/recovery-codes", body=body)
        return found

    def set_trading_password(self, body: shapes.TradingPasswordIn) -> None:
        """Set the password that unlocks trading: `PUT /api/v1/auth/trading-password`, needs `profile`."""
        found: None = self.request("PUT", "/api/v1/auth/trading-password", body=body)
        return found

    def unlock(self, body: shapes.UnlockIn) -> shapes.UnlockedOut:
        """Unlock trading for 15 minutes: `POST /api/v1/auth/unlock`, needs `profile`."""
        found: shapes.UnlockedOut = self.request("POST", "/api/v1/auth/unlock", body=body)
        return found

    def lock(self, *, idempotency_key: str | None = None) -> None:
        """Lock trading again: `DELETE /api/v1/auth/unlock`, needs `profile`."""
        found: None = self.request("DELETE", "/api/v1/auth/unlock", headers={"Idempotency-Key": idempotency_key})
        return found

    def list_users(self, *, q: str | None = None, is_active: bool | None = None, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None) -> shapes.Page_UserOut:
        """List accounts: `GET /api/v1/users`, needs `users:read`."""
        found: shapes.Page_UserOut = self.request("GET", "/api/v1/users", query={"q": q, "is_active": is_active, "limit": limit, "cursor": cursor, "page": page, "per_page": per_page})
        return found

    def add_user(self, body: shapes.UserIn, *, idempotency_key: str | None = None) -> shapes.UserAddedOut:
        """Add an account: `POST /api/v1/users`, needs `users:write`."""
        found: shapes.UserAddedOut = self.request("POST", "/api/v1/users", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def get_user(self, user_id: str | UUID) -> shapes.UserOut:
        """Read an account: `GET /api/v1/users/{user_id}`, needs `users:read`."""
        found: shapes.UserOut = self.request("GET", f"/api/v1/users/{_in_path(user_id)}")
        return found

    def change_user(self, user_id: str | UUID, body: shapes.UserChangeIn, *, if_match: str | None = None, idempotency_key: str | None = None) -> shapes.UserOut:
        """Change an account: `PATCH /api/v1/users/{user_id}`, needs `users:write`."""
        found: shapes.UserOut = self.request("PATCH", f"/api/v1/users/{_in_path(user_id)}", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}, body=body)
        return found

    def delete_user(self, user_id: str | UUID, *, idempotency_key: str | None = None) -> None:
        """Delete an account: `DELETE /api/v1/users/{user_id}`, needs `users:write`."""
        found: None = self.request("DELETE", f"/api/v1/users/{_in_path(user_id)}", headers={"Idempotency-Key": idempotency_key})
        return found

    def give_password(self, user_id: str | UUID, *, idempotency_key: str | None = None) -> shapes.OneTimePasswordOut:
        """Give an account a password for one sign-in: `POST /api/v1/users/{user_id}/password`, needs `users:write`."""
        found: shapes.OneTimePasswordOut = self.request("POST", f"/api/v1/users/{_in_path(user_id)}/password", headers={"Idempotency-Key": idempotency_key})
        return found

    def unlock_user(self, user_id: str | UUID, *, idempotency_key: str | None = None) -> None:
        """Let a locked account be tried again: `POST /api/v1/users/{user_id}/unlock`, needs `users:write`."""
        found: None = self.request("POST", f"/api/v1/users/{_in_path(user_id)}/unlock", headers={"Idempotency-Key": idempotency_key})
        return found

    def reset_second_factor(self, user_id: str | UUID, *, idempotency_key: str | None = None) -> None:
        """Take the second factor of somebody who lost it away: `POST /api/v1/users/{user_id}/reset-second-factor`, needs `users:write`."""
        found: None = self.request("POST", f"/api/v1/users/{_in_path(user_id)}/reset-second-factor", headers={"Idempotency-Key": idempotency_key})
        return found

    def list_roles(self) -> shapes.RolesOut:
        """List roles and permissions: `GET /api/v1/roles`, needs `roles:read`."""
        found: shapes.RolesOut = self.request("GET", "/api/v1/roles")
        return found

    def add_role(self, body: shapes.NewRoleIn, *, idempotency_key: str | None = None) -> shapes.RoleOut:
        """Make a role: `POST /api/v1/roles`, needs `roles:write`."""
        found: shapes.RoleOut = self.request("POST", "/api/v1/roles", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def get_role(self, name: str) -> shapes.RoleOut:
        """Read a role: `GET /api/v1/roles/{name}`, needs `roles:read`."""
        found: shapes.RoleOut = self.request("GET", f"/api/v1/roles/{_in_path(name)}")
        return found

    def change_role(self, name: str, body: shapes.RoleIn, *, if_match: str | None = None, idempotency_key: str | None = None) -> shapes.RoleOut:
        """Change a role: `PUT /api/v1/roles/{name}`, needs `roles:write`."""
        found: shapes.RoleOut = self.request("PUT", f"/api/v1/roles/{_in_path(name)}", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}, body=body)
        return found

    def drop_role(self, name: str, *, if_match: str | None = None, idempotency_key: str | None = None) -> None:
        """Remove a role: `DELETE /api/v1/roles/{name}`, needs `roles:write`."""
        found: None = self.request("DELETE", f"/api/v1/roles/{_in_path(name)}", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key})
        return found

    def list_workspaces(self) -> shapes.WorkspacesOut:
        """List own workspaces: `GET /api/v1/workspaces`, needs `workspaces:read`."""
        found: shapes.WorkspacesOut = self.request("GET", "/api/v1/workspaces")
        return found

    def add_workspace(self, body: shapes.WorkspaceIn, *, idempotency_key: str | None = None) -> shapes.WorkspaceOut:
        """Make a workspace: `POST /api/v1/workspaces`, needs `workspaces:write`."""
        found: shapes.WorkspaceOut = self.request("POST", "/api/v1/workspaces", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def get_workspace(self, workspace_id: str | UUID) -> shapes.WorkspaceOut:
        """Read an own workspace: `GET /api/v1/workspaces/{workspace_id}`, needs `workspaces:read`."""
        found: shapes.WorkspaceOut = self.request("GET", f"/api/v1/workspaces/{_in_path(workspace_id)}")
        return found

    def rename_workspace(self, workspace_id: str | UUID, body: shapes.WorkspaceIn, *, if_match: str | None = None, idempotency_key: str | None = None) -> shapes.WorkspaceOut:
        """Rename this workspace: `PATCH /api/v1/workspaces/{workspace_id}`, needs `workspaces:write`."""
        found: shapes.WorkspaceOut = self.request("PATCH", f"/api/v1/workspaces/{_in_path(workspace_id)}", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}, body=body)
        return found

    def switch_workspace(self, workspace_id: str | UUID, *, idempotency_key: str | None = None) -> shapes.SwitchedOut:
        """Act in another workspace: `POST /api/v1/workspaces/{workspace_id}/switch`, needs `workspaces:read`."""
        found: shapes.SwitchedOut = self.request("POST", f"/api/v1/workspaces/{_in_path(workspace_id)}/switch", headers={"Idempotency-Key": idempotency_key})
        return found

    def list_members(self, workspace_id: str | UUID) -> shapes.MembersOut:
        """List the members of this workspace: `GET /api/v1/workspaces/{workspace_id}/members`, needs `workspaces:read`."""
        found: shapes.MembersOut = self.request("GET", f"/api/v1/workspaces/{_in_path(workspace_id)}/members")
        return found

    def add_member(self, workspace_id: str | UUID, body: shapes.NewMemberIn, *, idempotency_key: str | None = None) -> shapes.MemberOut:
        """Take somebody into this workspace: `POST /api/v1/workspaces/{workspace_id}/members`, needs `members:write`."""
        found: shapes.MemberOut = self.request("POST", f"/api/v1/workspaces/{_in_path(workspace_id)}/members", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def get_member(self, workspace_id: str | UUID, user_id: str | UUID) -> shapes.MemberOut:
        """Read a member of this workspace: `GET /api/v1/workspaces/{workspace_id}/members/{user_id}`, needs `workspaces:read`."""
        found: shapes.MemberOut = self.request("GET", f"/api/v1/workspaces/{_in_path(workspace_id)}/members/{_in_path(user_id)}")
        return found

    def change_member(self, workspace_id: str | UUID, user_id: str | UUID, body: shapes.MemberIn, *, if_match: str | None = None, idempotency_key: str | None = None) -> shapes.MemberOut:
        """Give a member another role: `PATCH /api/v1/workspaces/{workspace_id}/members/{user_id}`, needs `members:write`."""
        found: shapes.MemberOut = self.request("PATCH", f"/api/v1/workspaces/{_in_path(workspace_id)}/members/{_in_path(user_id)}", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}, body=body)
        return found

    def remove_member(self, workspace_id: str | UUID, user_id: str | UUID, *, if_match: str | None = None, idempotency_key: str | None = None) -> None:
        """Take a member out of this workspace: `DELETE /api/v1/workspaces/{workspace_id}/members/{user_id}`, needs `members:write`."""
        found: None = self.request("DELETE", f"/api/v1/workspaces/{_in_path(workspace_id)}/members/{_in_path(user_id)}", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key})
        return found

    def list_approvals(self, *, state: shapes.State | None = None, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None) -> shapes.Page_ApprovalOut:
        """List what waits for a second person: `GET /api/v1/approvals`, needs `approvals:read`."""
        found: shapes.Page_ApprovalOut = self.request("GET", "/api/v1/approvals", query={"state": state, "limit": limit, "cursor": cursor, "page": page, "per_page": per_page})
        return found

    def get_approval(self, approval_id: str | UUID) -> shapes.ApprovalOut:
        """Read a proposal: `GET /api/v1/approvals/{approval_id}`, needs `approvals:read`."""
        found: shapes.ApprovalOut = self.request("GET", f"/api/v1/approvals/{_in_path(approval_id)}")
        return found

    def withdraw(self, approval_id: str | UUID, *, idempotency_key: str | None = None) -> None:
        """Withdraw an own proposal: `DELETE /api/v1/approvals/{approval_id}`, needs `approvals:read`."""
        found: None = self.request("DELETE", f"/api/v1/approvals/{_in_path(approval_id)}", headers={"Idempotency-Key": idempotency_key})
        return found

    def approve(self, approval_id: str | UUID, body: shapes.DecisionIn | None = None, *, idempotency_key: str | None = None) -> shapes.ApprovalOut:
        """Agree to a proposal: `POST /api/v1/approvals/{approval_id}/approve`, needs `approvals:decide`."""
        found: shapes.ApprovalOut = self.request("POST", f"/api/v1/approvals/{_in_path(approval_id)}/approve", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def reject(self, approval_id: str | UUID, body: shapes.DecisionIn | None = None, *, idempotency_key: str | None = None) -> shapes.ApprovalOut:
        """Refuse a proposal: `POST /api/v1/approvals/{approval_id}/reject`, needs `approvals:decide`."""
        found: shapes.ApprovalOut = self.request("POST", f"/api/v1/approvals/{_in_path(approval_id)}/reject", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def list_keys(self, *, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None) -> shapes.Page_KeyOut:
        """List own API keys: `GET /api/v1/keys`, needs `keys`."""
        found: shapes.Page_KeyOut = self.request("GET", "/api/v1/keys", query={"limit": limit, "cursor": cursor, "page": page, "per_page": per_page})
        return found

    def add_key(self, body: shapes.KeyIn, *, idempotency_key: str | None = None) -> shapes.KeyMadeOut:
        """Make an API key: `POST /api/v1/keys`, needs `keys`."""
        found: shapes.KeyMadeOut = self.request("POST", "/api/v1/keys", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def revoke_key(self, key_id: str | UUID, *, idempotency_key: str | None = None) -> None:
        """Revoke an API key: `DELETE /api/v1/keys/{key_id}`, needs `keys`."""
        found: None = self.request("DELETE", f"/api/v1/keys/{_in_path(key_id)}", headers={"Idempotency-Key": idempotency_key})
        return found

    def export_account(self) -> dict[str, Any]:
        """Export all that is held of you: `GET /api/v1/account/export`, needs `profile`."""
        found: dict[str, Any] = self.request("GET", "/api/v1/account/export")
        return found

    def delete_account(self, body: shapes.ProofIn) -> None:
        """Delete the own account: `POST /api/v1/account/delete`, needs `profile`."""
        found: None = self.request("POST", "/api/v1/account/delete", body=body)
        return found

    def list_entries(self, *, actor_id: str | UUID | None = None, action: str | None = None, object_kind: str | None = None, object_id: str | None = None, since: str | datetime | None = None, until: str | datetime | None = None, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None) -> shapes.Page_EntryOut:
        """List who did what: `GET /api/v1/audit`, needs `audit:read`."""
        found: shapes.Page_EntryOut = self.request("GET", "/api/v1/audit", query={"actor_id": actor_id, "action": action, "object_kind": object_kind, "object_id": object_id, "since": since, "until": until, "limit": limit, "cursor": cursor, "page": page, "per_page": per_page})
        return found

    def export_entries(self, *, format: shapes.Format | None = None, actor_id: str | UUID | None = None, action: str | None = None, object_kind: str | None = None, object_id: str | None = None, since: str | datetime | None = None, until: str | datetime | None = None) -> str:
        """Export who did what: `GET /api/v1/audit/export`, needs `audit:read`."""
        found: str = self.request("GET", "/api/v1/audit/export", query={"format": format, "actor_id": actor_id, "action": action, "object_kind": object_kind, "object_id": object_id, "since": since, "until": until})
        return found

    def get_entry(self, entry_id: str | UUID) -> shapes.EntryWithDetails:
        """Read one act: `GET /api/v1/audit/{entry_id}`, needs `audit:read`."""
        found: shapes.EntryWithDetails = self.request("GET", f"/api/v1/audit/{_in_path(entry_id)}")
        return found

    def list_jobs(self, *, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None, state: shapes.JobState | None = None, kind: str | None = None, queue: shapes.Queue | None = None) -> shapes.Page_JobOut:
        """List jobs, newest first: `GET /api/v1/jobs`, needs `jobs:read`."""
        found: shapes.Page_JobOut = self.request("GET", "/api/v1/jobs", query={"limit": limit, "cursor": cursor, "page": page, "per_page": per_page, "state": state, "kind": kind, "queue": queue})
        return found

    def get_job(self, job_id: str | UUID) -> shapes.JobDetailOut:
        """See how far a job is: `GET /api/v1/jobs/{job_id}`, needs `jobs:read`."""
        found: shapes.JobDetailOut = self.request("GET", f"/api/v1/jobs/{_in_path(job_id)}")
        return found

    def cancel_job(self, job_id: str | UUID, *, idempotency_key: str | None = None) -> shapes.JobOut:
        """Cancel a job: `POST /api/v1/jobs/{job_id}/cancel`, needs `jobs:write`."""
        found: shapes.JobOut = self.request("POST", f"/api/v1/jobs/{_in_path(job_id)}/cancel", headers={"Idempotency-Key": idempotency_key})
        return found

    def retry_job(self, job_id: str | UUID, *, idempotency_key: str | None = None) -> shapes.JobOut:
        """Try a job again: `POST /api/v1/jobs/{job_id}/retry`, needs `jobs:write`."""
        found: shapes.JobOut = self.request("POST", f"/api/v1/jobs/{_in_path(job_id)}/retry", headers={"Idempotency-Key": idempotency_key})
        return found

    def list_schedules(self, *, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None) -> shapes.Page_ScheduleOut:
        """List schedules: `GET /api/v1/schedules`, needs `schedules:read`."""
        found: shapes.Page_ScheduleOut = self.request("GET", "/api/v1/schedules", query={"limit": limit, "cursor": cursor, "page": page, "per_page": per_page})
        return found

    def add_schedule(self, body: shapes.ScheduleIn, *, idempotency_key: str | None = None) -> shapes.ScheduleOut:
        """Make a schedule: `POST /api/v1/schedules`, needs `schedules:write`."""
        found: shapes.ScheduleOut = self.request("POST", "/api/v1/schedules", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def get_schedule(self, schedule_id: str | UUID) -> shapes.ScheduleOut:
        """See a schedule: `GET /api/v1/schedules/{schedule_id}`, needs `schedules:read`."""
        found: shapes.ScheduleOut = self.request("GET", f"/api/v1/schedules/{_in_path(schedule_id)}")
        return found

    def change_schedule(self, schedule_id: str | UUID, body: shapes.ScheduleChangeIn, *, if_match: str | None = None, idempotency_key: str | None = None) -> shapes.ScheduleOut:
        """Change a schedule: `PATCH /api/v1/schedules/{schedule_id}`, needs `schedules:write`."""
        found: shapes.ScheduleOut = self.request("PATCH", f"/api/v1/schedules/{_in_path(schedule_id)}", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}, body=body)
        return found

    def delete_schedule(self, schedule_id: str | UUID, *, if_match: str | None = None, idempotency_key: str | None = None) -> None:
        """Delete a schedule: `DELETE /api/v1/schedules/{schedule_id}`, needs `schedules:write`."""
        found: None = self.request("DELETE", f"/api/v1/schedules/{_in_path(schedule_id)}", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key})
        return found

    def list_instruments(self, *, q: str | None = None, venue: str | None = None, kind: shapes.Kind | None = None, product: str | None = None, has_data: bool | None = None, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None) -> shapes.InstrumentsOut:
        """List and search instruments: `GET /api/v1/market/instruments`, needs `market:read`."""
        found: shapes.InstrumentsOut = self.request("GET", "/api/v1/market/instruments", query={"q": q, "venue": venue, "kind": kind, "product": product, "has_data": has_data, "limit": limit, "cursor": cursor, "page": page, "per_page": per_page})
        return found

    def get_instrument(self, symbol: str, *, on: str | date | None = None) -> shapes.InstrumentOut:
        """Read an instrument and its terms: `GET /api/v1/market/instruments/{symbol}`, needs `market:read`."""
        found: shapes.InstrumentOut = self.request("GET", f"/api/v1/market/instruments/{_in_path(symbol)}", query={"on": on})
        return found

    def list_strategies(self, *, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None, q: str | None = None, category: shapes.Category | None = None, status: shapes.StrategyStatus | None = None, risk_level: shapes.RiskLevel | None = None, mine: bool | None = None) -> shapes.Page_StrategyOut:
        """List and search strategies: `GET /api/v1/strategies`, needs `strategies:read`."""
        found: shapes.Page_StrategyOut = self.request("GET", "/api/v1/strategies", query={"limit": limit, "cursor": cursor, "page": page, "per_page": per_page, "q": q, "category": category, "status": status, "risk_level": risk_level, "mine": mine})
        return found

    def add_strategy(self, body: shapes.StrategyIn, *, idempotency_key: str | None = None) -> shapes.StrategyDetailOut:
        """Make a strategy: `POST /api/v1/strategies`, needs `strategies:write`."""
        found: shapes.StrategyDetailOut = self.request("POST", "/api/v1/strategies", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def list_categories(self) -> shapes.CategoriesOut:
        """List categories: `GET /api/v1/strategies/categories`, needs `strategies:read`."""
        found: shapes.CategoriesOut = self.request("GET", "/api/v1/strategies/categories")
        return found

    def check_code(self, body: shapes.CodeIn) -> shapes.ReviewOut:
        """Look code over: `POST /api/v1/strategies/check`, needs `strategies:read`."""
        found: shapes.ReviewOut = self.request("POST", "/api/v1/strategies/check", body=body)
        return found

    def list_all_templates(self) -> shapes.TemplatesOut:
        """List templates: `GET /api/v1/strategies/templates`, needs `strategies:read`."""
        found: shapes.TemplatesOut = self.request("GET", "/api/v1/strategies/templates")
        return found

    def read_template(self, template: str) -> shapes.TemplateDetailOut:
        """See a template with its code: `GET /api/v1/strategies/templates/{template}`, needs `strategies:read`."""
        found: shapes.TemplateDetailOut = self.request("GET", f"/api/v1/strategies/templates/{_in_path(template)}")
        return found

    def import_strategy(self, body: shapes.BundleIn, *, idempotency_key: str | None = None) -> shapes.StrategyDetailOut:
        """Make a strategy of a file: `POST /api/v1/strategies/import`, needs `strategies:write`."""
        found: shapes.StrategyDetailOut = self.request("POST", "/api/v1/strategies/import", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def get_strategy(self, strategy_id: str | UUID) -> shapes.StrategyDetailOut:
        """See a strategy with its code: `GET /api/v1/strategies/{strategy_id}`, needs `strategies:read`."""
        found: shapes.StrategyDetailOut = self.request("GET", f"/api/v1/strategies/{_in_path(strategy_id)}")
        return found

    def change_strategy(self, strategy_id: str | UUID, body: shapes.StrategyChangeIn, *, if_match: str | None = None, idempotency_key: str | None = None) -> shapes.StrategyDetailOut:
        """Change a strategy: `PUT /api/v1/strategies/{strategy_id}`, needs `strategies:write`."""
        found: shapes.StrategyDetailOut = self.request("PUT", f"/api/v1/strategies/{_in_path(strategy_id)}", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}, body=body)
        return found

    def delete_strategy(self, strategy_id: str | UUID, *, if_match: str | None = None, idempotency_key: str | None = None) -> None:
        """Delete a strategy: `DELETE /api/v1/strategies/{strategy_id}`, needs `strategies:write`."""
        found: None = self.request("DELETE", f"/api/v1/strategies/{_in_path(strategy_id)}", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key})
        return found

    def copy_strategy(self, strategy_id: str | UUID, body: shapes.CopyIn | None = None, *, idempotency_key: str | None = None) -> shapes.StrategyDetailOut:
        """Copy a strategy: `POST /api/v1/strategies/{strategy_id}/copy`, needs `strategies:write`."""
        found: shapes.StrategyDetailOut = self.request("POST", f"/api/v1/strategies/{_in_path(strategy_id)}/copy", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def check_strategy(self, strategy_id: str | UUID) -> shapes.ReviewOut:
        """Look a strategy over: `GET /api/v1/strategies/{strategy_id}/check`, needs `strategies:read`."""
        found: shapes.ReviewOut = self.request("GET", f"/api/v1/strategies/{_in_path(strategy_id)}/check")
        return found

    def get_parameters(self, strategy_id: str | UUID) -> shapes.ParametersOut:
        """See what a strategy can be tuned by: `GET /api/v1/strategies/{strategy_id}/parameters`, needs `strategies:read`."""
        found: shapes.ParametersOut = self.request("GET", f"/api/v1/strategies/{_in_path(strategy_id)}/parameters")
        return found

    def list_versions(self, strategy_id: str | UUID, *, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None) -> shapes.Page_VersionOut:
        """List versions: `GET /api/v1/strategies/{strategy_id}/versions`, needs `strategies:read`."""
        found: shapes.Page_VersionOut = self.request("GET", f"/api/v1/strategies/{_in_path(strategy_id)}/versions", query={"limit": limit, "cursor": cursor, "page": page, "per_page": per_page})
        return found

    def get_version(self, strategy_id: str | UUID, number: int) -> shapes.VersionDetailOut:
        """See a version with its code: `GET /api/v1/strategies/{strategy_id}/versions/{number}`, needs `strategies:read`."""
        found: shapes.VersionDetailOut = self.request("GET", f"/api/v1/strategies/{_in_path(strategy_id)}/versions/{_in_path(number)}")
        return found

    def restore_version(self, strategy_id: str | UUID, number: int, *, idempotency_key: str | None = None) -> shapes.StrategyDetailOut:
        """Restore a version: `POST /api/v1/strategies/{strategy_id}/versions/{number}/restore`, needs `strategies:write`."""
        found: shapes.StrategyDetailOut = self.request("POST", f"/api/v1/strategies/{_in_path(strategy_id)}/versions/{_in_path(number)}/restore", headers={"Idempotency-Key": idempotency_key})
        return found

    def diff_versions(self, strategy_id: str | UUID, first: int, second: int) -> shapes.DifferenceOut:
        """Compare two versions: `GET /api/v1/strategies/{strategy_id}/versions/{first}/diff/{second}`, needs `strategies:read`."""
        found: shapes.DifferenceOut = self.request("GET", f"/api/v1/strategies/{_in_path(strategy_id)}/versions/{_in_path(first)}/diff/{_in_path(second)}")
        return found

    def get_draft(self, strategy_id: str | UUID) -> shapes.DraftOut:
        """See what you are writing: `GET /api/v1/strategies/{strategy_id}/draft`, needs `strategies:read`."""
        found: shapes.DraftOut = self.request("GET", f"/api/v1/strategies/{_in_path(strategy_id)}/draft")
        return found

    def put_draft(self, strategy_id: str | UUID, body: shapes.DraftIn, *, if_match: str | None = None, idempotency_key: str | None = None) -> shapes.DraftOut:
        """Keep what you are writing: `PUT /api/v1/strategies/{strategy_id}/draft`, needs `strategies:write`."""
        found: shapes.DraftOut = self.request("PUT", f"/api/v1/strategies/{_in_path(strategy_id)}/draft", headers={"If-Match": if_match, "Idempotency-Key": idempotency_key}, body=body)
        return found

    def drop_draft(self, strategy_id: str | UUID, *, idempotency_key: str | None = None) -> None:
        """Throw away what you were writing: `DELETE /api/v1/strategies/{strategy_id}/draft`, needs `strategies:write`."""
        found: None = self.request("DELETE", f"/api/v1/strategies/{_in_path(strategy_id)}/draft", headers={"Idempotency-Key": idempotency_key})
        return found

    def export_strategy(self, strategy_id: str | UUID) -> shapes.BundleOut:
        """Export a strategy as a file: `GET /api/v1/strategies/{strategy_id}/export`, needs `strategies:read`."""
        found: shapes.BundleOut = self.request("GET", f"/api/v1/strategies/{_in_path(strategy_id)}/export")
        return found

    def list_listings(self, *, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None, q: str | None = None, category: shapes.Category | None = None, risk_level: shapes.RiskLevel | None = None, own: bool | None = None) -> shapes.Page_ListingOut:
        """Browse what is offered: `GET /api/v1/strategy-market`, needs `strategies:read`."""
        found: shapes.Page_ListingOut = self.request("GET", "/api/v1/strategy-market", query={"limit": limit, "cursor": cursor, "page": page, "per_page": per_page, "q": q, "category": category, "risk_level": risk_level, "own": own})
        return found

    def publish_version(self, body: shapes.ListingIn, *, idempotency_key: str | None = None) -> shapes.ListingDetailOut:
        """Offer a version to everybody: `POST /api/v1/strategy-market`, needs `strategies:publish`."""
        found: shapes.ListingDetailOut = self.request("POST", "/api/v1/strategy-market", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def get_listing(self, listing_id: str | UUID) -> shapes.ListingDetailOut:
        """See what is offered with its code: `GET /api/v1/strategy-market/{listing_id}`, needs `strategies:read`."""
        found: shapes.ListingDetailOut = self.request("GET", f"/api/v1/strategy-market/{_in_path(listing_id)}")
        return found

    def withdraw_listing(self, listing_id: str | UUID, *, idempotency_key: str | None = None) -> None:
        """Withdraw what the workspace offers: `DELETE /api/v1/strategy-market/{listing_id}`, needs `strategies:publish`."""
        found: None = self.request("DELETE", f"/api/v1/strategy-market/{_in_path(listing_id)}", headers={"Idempotency-Key": idempotency_key})
        return found

    def subscribe_to_listing(self, listing_id: str | UUID, body: shapes.SubscribeIn | None = None, *, idempotency_key: str | None = None) -> shapes.StrategyDetailOut:
        """Take a copy of what is offered: `POST /api/v1/strategy-market/{listing_id}/subscribe`, needs `strategies:write`."""
        found: shapes.StrategyDetailOut = self.request("POST", f"/api/v1/strategy-market/{_in_path(listing_id)}/subscribe", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def list_ratings(self, listing_id: str | UUID, *, limit: int | None = None, cursor: str | None = None, page: int | None = None, per_page: int | None = None) -> shapes.Page_RatingOut:
        """List what others think: `GET /api/v1/strategy-market/{listing_id}/ratings`, needs `strategies:read`."""
        found: shapes.Page_RatingOut = self.request("GET", f"/api/v1/strategy-market/{_in_path(listing_id)}/ratings", query={"limit": limit, "cursor": cursor, "page": page, "per_page": per_page})
        return found

    def put_rating(self, listing_id: str | UUID, body: shapes.RatingIn, *, idempotency_key: str | None = None) -> shapes.RatingOut:
        """Rate what you have taken: `PUT /api/v1/strategy-market/{listing_id}/rating`, needs `strategies:write`."""
        found: shapes.RatingOut = self.request("PUT", f"/api/v1/strategy-market/{_in_path(listing_id)}/rating", headers={"Idempotency-Key": idempotency_key}, body=body)
        return found

    def drop_rating(self, listing_id: str | UUID, *, idempotency_key: str | None = None) -> None:
        """Take your rating back: `DELETE /api/v1/strategy-market/{listing_id}/rating`, needs `strategies:write`."""
        found: None = self.request("DELETE", f"/api/v1/strategy-market/{_in_path(listing_id)}/rating", headers={"Idempotency-Key": idempotency_key})
        return found


def _in_path(value: object) -> str:
    return quote(str(value), safe="")
