"""Whether a run looks ahead: its strategy decides again where the future is another one."""

from quantloom.backtest.lookahead.budget import AuditSetting, BadAudit
from quantloom.backtest.lookahead.watch import Watch

__all__ = ["AuditSetting", "BadAudit", "Watch"]
