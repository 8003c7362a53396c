"""Texts of the service's errors in Chinese, by code; the library finds them by an entry point."""

from collections.abc import Mapping

CHINESE: dict[str, str] = {
    "access.already_member": "该用户已是成员；请改为更改其角色",
    "access.beyond_own": "这涉及您自己没有的权限 {permissions}；请找拥有这些权限的人",
    "access.last_admin": "这是工作区的最后一位管理员；请先任命另一位",
    "access.no_such_role": "没有角色 {name}；GET /api/v1/roles 可列出全部",
    "access.no_such_workspace": "您的工作区中没有它，或您当前在另一个工作区；"
    "GET /api/v1/workspaces 可列出您的工作区",
    "access.not_oneself": "这是您自己的账户；请使用 /api/v1/auth 与 /api/v1/account 下的路由",
    "access.role_fixed": "角色 {name} 属于平台；请另建自己的角色",
    "access.role_in_use": "有 {members} 名成员是 {name}；请先给他们别的角色",
    "access.role_there": "已有角色 {name}；请用 PUT /api/v1/roles/{name} 修改",
    "approvals.already_proposed": "同样的申请 {approval_id} 已在等待；请先撤回它",
    "approvals.is_over": "审批 {approval_id} 已是 {state}；请重新提出",
    "approvals.not_found": "没有审批 {approval_id}；GET /api/v1/approvals 可列出此处的审批",
    "approvals.not_proposer": "只有提出者可以撤回；您可以拒绝它",
    "approvals.own_proposal": "这是您自己提出的；须由他人决定",
    "approvals.proposer_gone": "提出者已不在此工作区；请拒绝它，如有需要再重新提出",
    "audit.not_found": "没有审计记录 {entry_id}；GET /api/v1/audit 可列出您工作区的记录",
    "auth.not_permitted": "此操作需要权限 {permission}；管理员可以授予",
    "auth.password_change_needed": "请先用 `POST /api/v1/auth/change-password` 设置自己的密码；"
    "当前密码是他人给的",
    "auth.step_up_required": "请先用交易密码和双重验证码解锁交易",
    "auth.unauthenticated": "请先登录，并以 `Authorization: Bearer ...` 发送访问令牌",
    "conflict.key_in_use": "带有此 Idempotency-Key 的请求仍在进行；请稍后重发",
    "conflict.key_reused": "此 Idempotency-Key 已用于内容不同的请求；请使用新的",
    "conflict.changed_since_read": "您读取之后已有人修改；请重新读取，再作修改",
    "embedded.already_running": "{what} 已在 {folder} 上运行（进程 {pid}）；请使用它、停止它，"
    "或用 QUANTLOOM_SERVICE_DIR 另选文件夹",
    "embedded.bad_secrets": "密码文件 {path} 丢失或损坏（{problem}），没有它就无法进入服务；"
    "请从数据所属的备份中恢复",
    "embedded.folder_not_ours": "{folder} 不可信（{problem}），不能存放机密；请删除它",
    "embedded.folder_out_of_reach": "服务以 {account} 身份运行，而它无法经过 {blocked} 到达 "
    "{folder}；请用 QUANTLOOM_SERVICE_DIR 选择 /var/lib/quantloom 这样的文件夹，或以普通用户运行",
    "embedded.other_major": "{folder} 由 PostgreSQL {major} 写成，而此处只有 {known}；"
    "请安装该版本，或用它导出数据库再导入新的文件夹",
    "embedded.server_failed": "{name} 启动失败（{problem}）；最后的输出：{last_words}",
    "embedded.server_missing": "找不到 {program}；请安装：pip install 'quantloom[server]'"
    "（{package}），或使用系统的软件包，或用 {setting} 指定别处的服务",
    "embedded.socket_path_too_long": "{folder} 对套接字来说太长；请使用不超过 80 字节的路径",
    "identity.account_disabled": "账户已停用；请联系管理员",
    "identity.bad_token": "令牌在此无效；请重新登录",
    "identity.code_needed": "还需要 `code`：验证器的六位数字，或一个恢复码",
    "identity.confirmation_not_valid": "邮箱确认令牌已失效；请重新申请邮件",
    "identity.csrf_missing": "请把 Cookie quantloom_csrf 的值放入请求头 X-CSRF-Token",
    "identity.email_not_verified": "请先打开发往您邮箱的链接；"
    "`POST /api/v1/auth/verify-email` 可再次发送",
    "identity.factor_there": "已设置第二因素；请先取消它",
    "identity.name_taken": "{field} 已属于另一个账户；请另选，或直接登录",
    "identity.needs_session": "API 密钥不能做此操作；请用用户名和密码登录",
    "identity.no_factor": "尚未设置第二因素；请从 `POST /api/v1/auth/totp` 开始",
    "identity.no_such_session": "没有这个会话；`GET /api/v1/auth/sessions` 列出您的会话",
    "identity.no_such_user": "没有这个用户",
    "identity.no_trading_password": "尚无交易密码；请用 `PUT /api/v1/auth/trading-password` 设置",
    "identity.proof_refused": "密码或验证码错误；此操作需要再次输入两者",
    "identity.registration_closed": "此处不开放注册；请向管理员申请账户",
    "identity.reset_not_valid": "重置令牌已失效；请重新申请邮件",
    "identity.same_email": "这已经是该账户的邮箱地址",
    "identity.same_as_password": "交易密码必须与登录密码不同",
    "identity.session_over": "会话已结束；请重新登录",
    "identity.token_expired": "访问令牌已过期；`POST /api/v1/auth/refresh` 给出新的",
    "identity.token_reused": "该刷新令牌已被使用过，因此会话已结束；请重新登录",
    "identity.unlock_refused": "交易密码或验证码错误；每个验证码只能用一次",
    "identity.weak_password": "密码不合适（{problem}）；最好用一句只有您知道的话",
    "identity.wrong_code": "验证码错误或已使用过；请等待下一个",
    "identity.wrong_credentials": "用户名或密码错误；`POST /api/v1/auth/reset-password` 会发送邮件",
    "jobs.bad_payload": "{kind} 的参数不符合要求：{problem}；请修正后重新提交",
    "jobs.is_over": "任务 {job_id} 已经是 {state}，没有可以取消的了",
    "jobs.not_found": "没有任务 {job_id}；GET /api/v1/jobs 可列出您工作区的任务",
    "jobs.not_retriable": "任务 {job_id} 处于 {state}；只有 failed、dead "
    "或 cancelled 的任务可以重试",
    "jobs.took_too_long": "{kind} 运行超过了 {limit_s} 秒；请减少一次要做的量",
    "jobs.unknown_kind": "没有名为 {kind} 的任务；请检查名称，并确认各部分是同一版本",
    "keys.address_refused": "API 密钥 {hint} 不能从 {address} 使用；请从允许的网络调用，或新建密钥",
    "keys.bad_key": "此 API 密钥无效、已过期或已撤销；请新建一个",
    "keys.beyond_own": "密钥不能拥有 {scopes}；只能是您自己有、且程序可用的权限",
    "keys.no_such_key": "没有这个 API 密钥；GET /api/v1/keys 可列出您的密钥",
    "keys.too_many": "您已有 {most} 个有效的 API 密钥；请先撤销一个",
    "limits.too_deep": "请求体的嵌套超过 {limit} 层；请减少层数",
    "limits.too_slow": "请求体在 {within_s:.0f} 秒内没有到齐；请一次发完",
    "limits.too_large": "{what} 超过了允许的 {limit}",
    "limits.too_many": "超过了 {rule} 的限制；请在 {retry_after_s} 秒后再试",
    "mail.not_sent": "邮件未能发出（{reason}）；系统会再试",
    "platform.bus_down": "消息总线没有应答（{reason}）；请以新的快照重新开始",
    "platform.database_busy": "数据库暂时无法完成此操作（{reason}），未保留任何更改；请稍后再试",
    "platform.database_down": "数据库没有应答（{reason}）；请稍后再试",
    "platform.outcome_unknown": "提交时与数据库的连接中断（{reason}），结果未知；请先查看，"
    "或以相同的 Idempotency-Key 重发",
    "platform.not_configured": "未设置 {setting}；请设置它，或用 `quantloom up` 启动全部服务",
    "request.bad_cursor": "此游标不是由本服务给出的；去掉它即从最新的开始",
    "schedules.bad_cron": "无法理解 {cron}：{problem}；请依次写分、时、日、月、星期，例如 "
    "'30 16 * * mon-fri'",
    "schedules.name_taken": "已有名为 {name} 的计划；请修改它，或换一个名称",
    "schedules.not_found": "没有计划 {schedule_id}；GET /api/v1/schedules 可列出您工作区的计划",
    "schedules.not_schedulable": "{kind} 不能设为计划；请选择可以重复执行的任务",
    "schedules.unknown_timezone": "没有时区 {timezone}；请写 Asia/Shanghai 或 UTC 这样的名称",
    "secrets.cannot_unseal": "{bound_to} 的机密无法打开（{problem}）；请把当初使用的密钥加入 "
    "QUANTLOOM_PREVIOUS_ENCRYPTION_KEYS，或重新输入该机密",
    "request.unstorable_text": "文本中含有 NUL 字符，无法保存；请去掉它",
    "settings.unsafe": "不适合生产环境的设置：{problems}；请修正，"
    "或在自己的机器上使用 QUANTLOOM_ENVIRONMENT=development",
    "settings.bad": "{problems}；`quantloom config example` 列出每个设置及其取值",
    "settings.weak_secret": "密钥 {setting} 不合适（{problem}）；"
    "请把它设为 `openssl rand -base64 48` 的输出",
    "up.database_missing": "PostgreSQL 报告：{problem}；请在服务器上创建该数据库，例如 "
    "`createdb --owner quantloom_owner quantloom`，或更正 QUANTLOOM_DATABASE_URL 末尾的名称",
    "up.login_refused": "{name} 拒绝登录（{problem}）；请检查设置中的用户和密码，"
    "以及服务器自己的访问规则",
    "up.may_not_serve": "{login} 不能成为各进程所用的角色 quantloom_app；请让服务器管理员执行："
    "GRANT quantloom_app TO {login}",
    "up.may_not_set_up": "{login} 无法建立数据库：{problem}；请在 QUANTLOOM_DATABASE_OWNER_URL 中"
    "指定有权限的登录，或让服务器管理员按 docs/how-to/run-the-service.md 准备",
    "up.no_answer": "{name} 没有应答（{problem}）；请检查它是否在运行、设置中的地址以及中间的网络",
    "strategies.bad_bundle": "这不是完整的策略导出文件（{problem}）；请重新导出",
    "strategies.code_or_template": "请发送 `code` 或模板名 `template`，不要两者都给",
    "strategies.name_taken": "此处已有名为 {name} 的策略；请换一个名称",
    "strategies.no_such_template": "没有模板 {template}；"
    "GET /api/v1/strategies/templates 可列出全部",
    "strategies.no_such_version": "没有版本 {number}；GET .../versions 可列出全部版本",
    "strategies.not_found": "没有策略 {strategy_id}；GET /api/v1/strategies 可列出此处的策略",
    "strategies.out_of_space": "您的角色在此最多保存 {most_mb} MB 代码（含各版本）；请先删除一些",
    "strategies.template_broken": "模板 {template} 无法读取（{problem}）；请修复其软件包",
    "strategies.too_many": "您的角色在此最多保存 {most} 个策略；请先删除一个",
    "strategies.too_many_versions": "此策略已有 {most} 个版本；请复制一份并继续使用副本",
    "strategy_market.already_listed": "版本 {version} 已在发布；请先撤回它，或发布另一个版本",
    "strategy_market.not_fit": "版本 {version} 有 {errors} 个错误，无法运行；"
    "请先修正 GET /api/v1/strategies/{{id}}/check 所列的问题",
    "strategy_market.not_found": "没有发布 {listing_id}；GET /api/v1/strategy-market 可列出全部",
    "strategy_market.not_subscribed": "请先订阅；未取得策略者不能评分",
    "strategy_market.own_listing": "这是您自己的工作区发布的；请直接复制该策略，评分留给他人",
    "up.start_failed": "{name} 启动失败（{problem}）；原因见上面它的输出",
    "up.too_old": "{name} 的版本是 {present}，需要 {needed} 或更新；请升级它，"
    "或不设其地址，由 `quantloom up` 自行启动",
}

SPOKEN: dict[str, tuple[str, str]] = {
    "http.bad_request": (
        "the body could not be read; send JSON as `application/json`",
        "无法读取请求体；请以 `application/json` 发送 JSON",
    ),
    "http.not_found": (
        "there is nothing at this path; /docs lists what there is",
        "此路径下什么也没有；/docs 列出全部路径",
    ),
    "http.method_not_allowed": (
        "this path does not take that method; `Allow` names those it takes",
        "此路径不接受该方法；`Allow` 列出它接受的方法",
    ),
    "http.request_uri_too_long": ("the address of the request is too long", "请求地址过长"),
    "http.uri_too_long": ("the address of the request is too long", "请求地址过长"),
    "http.request_header_fields_too_large": (
        "the headers of the request are too many or too long",
        "请求头过多或过长",
    ),
    "internal": (
        "something went wrong on our side; report the request id if it stays so",
        "服务内部出错；若一再发生，请报告 request_id",
    ),
}
"""What the edge itself says, by code: in English and in Chinese."""

TITLES: dict[int, str] = {
    400: "请求有误",
    401: "未登录",
    403: "不允许",
    404: "不存在",
    405: "方法不允许",
    408: "请求超时",
    409: "冲突",
    412: "已被修改",
    413: "内容过大",
    414: "地址过长",
    415: "类型不支持",
    422: "内容不合要求",
    428: "需要条件",
    429: "请求过多",
    431: "请求头过大",
    500: "内部错误",
    503: "暂不可用",
}
"""Titles of problem documents in Chinese, by status."""

FAULTS: dict[str, str] = {
    "missing": "必须给出",
    "extra_forbidden": "没有这个字段",
    "json_invalid": "不是有效的 JSON",
    "string_type": "应为文本",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "应符合 {pattern}",
    "too_short": "至少 {min_length} 项，现有 {actual_length} 项",
    "too_long": "最多 {max_length} 项，现有 {actual_length} 项",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "decimal_type": "应为十进制数",
    "decimal_parsing": "应为十进制数",
    "finite_number": "应为有限的数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "enum": "应为 {expected} 之一",
    "literal_error": "应为 {expected} 之一",
    "uuid_type": "应为 UUID",
    "uuid_parsing": "应为 UUID",
    "datetime_type": "应为 ISO-8601 时间",
    "datetime_parsing": "应为 ISO-8601 时间",
    "datetime_from_date_parsing": "应为 ISO-8601 时间",
    "timezone_aware": "时间须带时区",
    "date_type": "应为日期，例如 2024-01-31",
    "date_from_datetime_parsing": "应为日期，例如 2024-01-31",
    "list_type": "应为列表",
    "dict_type": "应为对象",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
}
"""What may be wrong with a field, in Chinese, by the code of the check."""

# What `quantloom doctor` says of the service, in English and in Chinese.
FINDINGS: Mapping[str, tuple[str, str]] = {
    "kernel": (
        "{kernel} has what the supervisor needs",
        "{kernel} 满足监管进程的需要",
    ),
    "no_kernel": (
        "the service needs Linux 5.3 or newer (pidfd_open), and this is {kernel}",
        "服务需要 Linux 5.3 或更新（pidfd_open），此处是 {kernel}",
    ),
    "folder": ("{folder}, {free} GB free", "{folder}，剩余 {free} GB"),
    "new_folder": (
        "{folder}, made by the first start; {free} GB free",
        "{folder} 将在首次启动时创建；剩余 {free} GB",
    ),
    "no_write": (
        "{folder} cannot be written; choose another by QUANTLOOM_SERVICE_DIR, or be its owner",
        "{folder} 不可写；请用 QUANTLOOM_SERVICE_DIR 另选，或以其所有者运行",
    ),
    "open_secrets": (
        "{folder} lets others in; run: chmod 700 {folder}",
        "{folder} 对他人开放；请执行：chmod 700 {folder}",
    ),
    "scarce": (
        "{folder} has {free} GB left; make room, or the database stops",
        "{folder} 只剩 {free} GB；请腾出空间，否则数据库会停止",
    ),
    "not_running": (
        "{program}; not running, `quantloom up` starts it",
        "{program}；未运行，由 `quantloom up` 启动",
    ),
    "behind": (
        "{found}; the schema is at {present}, this release needs {needed}: quantloom db upgrade",
        "{found}；结构为 {present}，本版本需要 {needed}：quantloom db upgrade",
    ),
    "no_admin": (
        "{found}; nobody administers it yet, the next start of `quantloom up` lets somebody in",
        "{found}；还没有管理员，下次启动 `quantloom up` 时创建",
    ),
    "own_key": (
        "made by the first start; production needs QUANTLOOM_SECRET_KEY",
        "将在首次启动时生成；生产环境需要 QUANTLOOM_SECRET_KEY",
    ),
    "keys": ("{count} in use, none that can be guessed", "使用中 {count} 个，均不易猜到"),
    "well": ("as they should be", "正常"),
    "port": ("{place} is free", "{place} 空闲"),
    "ours": ("{place} is served by process {pid}", "{place} 由进程 {pid} 提供服务"),
    "taken": (
        "{place} is taken by another program; end it, or choose another by QUANTLOOM_PORT",
        "{place} 被其他程序占用；请结束它，或用 QUANTLOOM_PORT 另选",
    ),
    "clock": ("kept in time", "已同步"),
    "no_clock": (
        "nothing keeps it in time; tokens and codes of the second factor hang on it: start chrony",
        "没有校时；令牌和两步验证码依赖时间：请启动 chrony",
    ),
    "no_mail": (
        "no server set (QUANTLOOM_SMTP_HOST); mails are kept as files",
        "未设置邮件服务器（QUANTLOOM_SMTP_HOST）；邮件保存为文件",
    ),
    "no_mail_at_all": (
        "no server set; nobody can reset a password: set QUANTLOOM_SMTP_HOST",
        "未设置邮件服务器，无法重置密码：请设置 QUANTLOOM_SMTP_HOST",
    ),
    "mail": ("{place} answers", "{place} 有应答"),
    "mail_silent": (
        "{place} does not answer ({problem}); check QUANTLOOM_SMTP_HOST and its port",
        "{place} 没有应答（{problem}）；请检查 QUANTLOOM_SMTP_HOST 和端口",
    ),
    "stopped": ("not running", "未运行"),
    "running": ("{told}", "{told}"),
    "sick": (
        "{told}; the log says why, and {file}",
        "{told}；原因见日志和 {file}",
    ),
}
