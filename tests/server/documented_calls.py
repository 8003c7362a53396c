"""Every call that the documents of older clients name, as those clients spell it.

A row: the call, the line of the requirements that names it, the status of the answer when all goes
well, and the fields by which a client reads it, or the name of several. Where the row ends with a
domain, that domain is to serve it, and nothing does yet: a test fails as soon as something answers,
so that whoever builds it asserts the call, moves the row up and the reference tells of it.
"""

from dataclasses import dataclass

SHAPES = {
    "ACCOUNT": "id username email full_name avatar_url phone is_active",
    "METRICS": "total_return annual_return sharpe_ratio max_drawdown win_rate",
    "PAGE": "items next_cursor",
    "RESULT": "final_value total_return annual_return sharpe_ratio max_drawdown win_rate "
    "trades_count",
    "STOCK": "symbol name sector industry market_cap",
    "STRATEGY": "id name description code language status category risk_level",
    "TOKENS": "access_token refresh_token token_type expires_in",
    "WORK": "id status",
}

SERVED = """
POST /api/auth/register                  | A1 | 201 | id username email
POST /api/auth/login                     | A1 | 200 | TOKENS
POST /api/auth/refresh                   | A1 | 200 | TOKENS
GET /api/auth/profile                    | A1 | 200 | ACCOUNT
PUT /api/auth/profile                    | A1 | 200 | ACCOUNT
GET /api/auth/me                         | A1 | 200 | ACCOUNT
GET /api/auth/sessions                   | A2 | 200 | items
DELETE /api/auth/sessions/{session}      | A2 | 204 |
POST /api/auth/change-password           | A1 | 200 | TOKENS
POST /api/auth/logout                    | A1 | 204 |
POST /api/auth/reset-password            | A1 | 202 | message
POST /api/auth/reset-password/confirm    | A1 | 204 |
GET /api/users                           | A4 | 200 | PAGE
GET /api/roles                           | A4 | 200 | items permissions
GET /api/market/instruments              | B1 | 200 | PAGE
GET /api/market/instruments/rb2410.SHFE   | B1 | 200 | symbol name
GET /api/strategies                      | C1 | 200 | PAGE
POST /api/strategies                     | C1 | 201 | STRATEGY
GET /api/strategies/{strategy}           | C1 | 200 | STRATEGY
PUT /api/strategies/{strategy}           | C1 | 200 | STRATEGY
DELETE /api/strategies/{strategy}        | C1 | 204 |
POST /api/strategies/{strategy}/copy     | C1 | 201 | id name
GET /api/strategies/{strategy}/versions  | C1 | 200 | items
GET /api/status                          | I2 | 200 | status version
GET /api/health                          | I2 | 200 | status
GET /health                              | I2 | 200 | status
GET /metrics                             | I2 | 200 |
"""

LATER = """
GET /api/data/stocks                     | B7 | 200 | PAGE           | marketdata
GET /api/data/stocks/600519              | B7 | 200 | STOCK          | marketdata
GET /api/data/stocks/600519/price        | B7 | 200 | symbol price   | marketdata
GET /api/data/stocks/600519/history      | B7 | 200 | items          | marketdata
GET /api/data/stocks/600519/indicators   | B7 | 200 | items          | marketdata
GET /api/data/market/indices             | B7 | 200 | items          | marketdata
GET /api/data/market/sectors             | B7 | 200 | items          | marketdata
GET /api/data/watchlist                  | B7 | 200 | items          | marketdata
POST /api/data/watchlist                 | B7 | 201 | symbol         | marketdata
DELETE /api/data/watchlist/600519        | B7 | 204 |                | marketdata
POST /api/data/upload                    | B5 | 201 | id             | marketdata
GET /api/data/datasets                   | B5 | 200 | PAGE           | marketdata
GET /api/data/datasets/1                 | B5 | 200 | id             | marketdata
DELETE /api/data/datasets/1              | B5 | 204 |                | marketdata
POST /api/data/preprocess                | B5 | 202 | WORK           | marketdata
POST /api/strategies/1/execute           | C1 | 202 | WORK           | strategies
POST /api/strategies/1/run               | C1 | 202 | WORK           | strategies
POST /api/strategies/1/stop              | C1 | 200 | WORK           | strategies
GET /api/strategies/1/logs               | C1 | 200 | items          | strategies
GET /api/strategies/1/executions         | C1 | 200 | items          | strategies
GET /api/backtests                       | D1 | 200 | PAGE           | backtests
POST /api/backtests                      | D1 | 202 | WORK           | backtests
GET /api/backtests/1                     | D1 | 200 | id name status | backtests
DELETE /api/backtests/1                  | D1 | 204 |                | backtests
GET /api/backtests/1/result              | D1 | 200 | RESULT         | backtests
GET /api/backtests/1/metrics             | D1 | 200 | METRICS        | backtests
GET /api/backtests/1/trades              | D1 | 200 | items          | backtests
GET /api/backtests/1/report              | D1 | 200 |                | backtests
POST /api/backtests/1/export             | D1 | 202 | WORK           | backtests
POST /api/backtests/1/cancel             | D1 | 200 | WORK           | backtests
GET /api/analysis/performance            | D6 | 200 | METRICS        | backtests
GET /api/analysis/risk                   | D6 | 200 | volatility max_drawdown | backtests
POST /api/analysis/backtest              | D6 | 202 | WORK           | backtests
POST /api/training/start                 | G1 | 202 | WORK           | training
GET /api/training                        | G1 | 200 | PAGE           | training
GET /api/training/1/status               | G1 | 200 | WORK           | training
POST /api/training/1/stop                | G1 | 200 | WORK           | training
GET /api/ai/conversations                | G3 | 200 | PAGE           | assistant
POST /api/ai/conversations               | G3 | 201 | id             | assistant
GET /api/ai/conversations/1              | G3 | 200 | id             | assistant
DELETE /api/ai/conversations/1           | G3 | 204 |                | assistant
POST /api/ai/conversations/1/messages    | G3 | 200 |                | assistant
POST /api/ai/analyze-strategy            | G3 | 200 |                | assistant
POST /api/ai/investment-advice           | G3 | 200 |                | assistant
GET /api/notifications                   | H1 | 200 | PAGE           | notifications
POST /api/notifications/mark-read        | H1 | 200 |                | notifications
DELETE /api/notifications/1              | H1 | 204 |                | notifications
GET /api/notifications/settings          | H1 | 200 |                | notifications
PUT /api/notifications/settings          | H1 | 200 |                | notifications
POST /api/notifications/test             | H1 | 202 |                | notifications
POST /api/files/upload                   | H2 | 201 | id             | files
GET /api/files                           | H2 | 200 | PAGE           | files
GET /api/files/1                         | H2 | 200 |                | files
DELETE /api/files/1                      | H2 | 204 |                | files
"""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the documents, and what its clients read in the answer."""

    method: str
    path: str
    named_by: str
    status: int
    shape: frozenset[str]
    domain: str | None = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_renamed(self) -> bool:
        """Whether it is spelt in the old way, below `/api/`."""
        return self.path.startswith("/api/")


def calls(text: str) -> list[Call]:
    return [_call(line) for line in text.split("\n") if line]


def _call(line: str) -> Call:
    asked, named_by, status, shape, *domain = (part.strip() for part in line.split("|"))
    method, path = asked.split()
    fields = SHAPES.get(shape, shape).split()
    return Call(method, path, named_by, int(status), frozenset(fields), *domain)
