"""What can go wrong where two people decide."""

from uuid import UUID

from quantloom.errors import Conflict, Forbidden, NotFound


class NoSuchApproval(NotFound):
    """An approval that is not there, or not in this workspace."""

    code = "approvals.not_found"

    def __init__(self, approval_id: UUID) -> None:
        super().__init__(approval_id)
        self.approval_id = approval_id

    def __str__(self) -> str:
        return f"there is no approval {self.approval_id}; GET /api/v1/approvals lists those here"


class ApprovalIsOver(Conflict):
    """A decision about what is decided, withdrawn, or too old."""

    code = "approvals.is_over"

    def __init__(self, approval_id: UUID, state: str) -> None:
        super().__init__(approval_id, state)
        self.approval_id, self.state = approval_id, state

    def __str__(self) -> str:
        return f"approval {self.approval_id} is {self.state}; propose the act again"


class AlreadyProposed(Conflict):
    """The same act waits for its decision already."""

    code = "approvals.already_proposed"

    def __init__(self, approval_id: UUID) -> None:
        super().__init__(approval_id)
        self.approval_id = approval_id

    def __str__(self) -> str:
        return f"this waits as approval {self.approval_id} already; withdraw that one first"


class OwnProposal(Forbidden):
    """Whoever proposes an act does not decide about it."""

    code = "approvals.own_proposal"

    def __str__(self) -> str:
        return "you proposed this yourself; somebody else has to decide"


class NotProposer(Forbidden):
    """Somebody else proposed the act."""

    code = "approvals.not_proposer"

    def __str__(self) -> str:
        return "only who proposed this can withdraw it; reject it instead"


class ProposerGone(Conflict):
    """Whoever proposed the act is not in the workspace any more."""

    code = "approvals.proposer_gone"

    def __str__(self) -> str:
        return "who proposed this has left the workspace; reject it, and propose it anew if need be"
