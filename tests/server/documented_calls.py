"""Every call that the documents of older clients name, as those clients spell it.

A call is served once its path has a route; until then it is nothing, and stands here as coming
later, so that whoever builds it moves it over.
"""

SERVED = """
POST /api/auth/register
POST /api/auth/login
POST /api/auth/logout
POST /api/auth/refresh
GET /api/auth/profile
PUT /api/auth/profile
GET /api/auth/me
POST /api/auth/change-password
POST /api/auth/reset-password
POST /api/auth/reset-password/confirm
GET /api/auth/sessions
GET /api/users
GET /api/roles
GET /api/market/instruments
GET /api/status
GET /health
GET /metrics
"""

LATER = """
GET /api/data/stocks
GET /api/data/stocks/600519
GET /api/data/stocks/600519/price
GET /api/data/stocks/600519/history
GET /api/data/stocks/600519/indicators
GET /api/data/market/indices
GET /api/data/market/sectors
GET /api/data/watchlist
POST /api/data/watchlist
DELETE /api/data/watchlist/600519
POST /api/data/upload
GET /api/data/datasets
GET /api/data/datasets/1
DELETE /api/data/datasets/1
POST /api/data/preprocess
GET /api/strategies
POST /api/strategies
GET /api/strategies/1
PUT /api/strategies/1
DELETE /api/strategies/1
POST /api/strategies/1/copy
GET /api/strategies/1/versions
POST /api/strategies/1/execute
POST /api/strategies/1/run
POST /api/strategies/1/stop
GET /api/strategies/1/logs
GET /api/strategies/1/executions
GET /api/backtests
POST /api/backtests
GET /api/backtests/1
DELETE /api/backtests/1
GET /api/backtests/1/result
GET /api/backtests/1/metrics
GET /api/backtests/1/trades
GET /api/backtests/1/report
POST /api/backtests/1/export
POST /api/backtests/1/cancel
GET /api/analysis/performance
GET /api/analysis/risk
POST /api/analysis/backtest
POST /api/training/start
GET /api/training/1/status
POST /api/training/1/stop
GET /api/ai/conversations
POST /api/ai/conversations
GET /api/ai/conversations/1
DELETE /api/ai/conversations/1
POST /api/ai/conversations/1/messages
POST /api/ai/analyze-strategy
POST /api/ai/investment-advice
GET /api/notifications
POST /api/notifications/mark-read
DELETE /api/notifications/1
GET /api/notifications/settings
PUT /api/notifications/settings
POST /api/notifications/test
POST /api/files/upload
GET /api/files
GET /api/files/1
DELETE /api/files/1
"""


def calls(text: str) -> list[tuple[str, str]]:
    return [(method, path) for method, path in (line.split() for line in text.split("\n") if line)]
