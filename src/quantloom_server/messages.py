"""Texts of the service's errors in Chinese, by code; the library finds them by an entry point."""

CHINESE: dict[str, str] = {
    "audit.not_found": "没有审计记录 {entry_id}；GET /api/v1/audit 可列出您工作区的记录",
    "auth.not_permitted": "此操作需要权限 {permission}；管理员可以授予",
    "auth.step_up_required": "请先用交易密码和双重验证码解锁交易",
    "auth.unauthenticated": "请先登录，并以 `Authorization: Bearer ...` 发送访问令牌",
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
    "identity.csrf_missing": "请把 Cookie quantloom_csrf 的值放入请求头 X-CSRF-Token",
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
    "limits.too_large": "{what} 超过了允许的 {limit}",
    "limits.too_many": "超过了 {rule} 的限制；请在 {retry_after_s} 秒后再试",
    "mail.not_sent": "邮件未能发出（{reason}）；系统会再试",
    "platform.database_down": "数据库没有应答（{reason}）；请稍后再试",
    "platform.not_configured": "未设置 {setting}；请设置它，或用 `quantloom up` 启动全部服务",
    "request.bad_cursor": "此游标不是由本服务给出的；去掉它即从最新的开始",
    "secrets.cannot_unseal": "{bound_to} 的机密无法打开（{problem}）；请把当初使用的密钥加入 "
    "QUANTLOOM_PREVIOUS_ENCRYPTION_KEYS，或重新输入该机密",
    "settings.weak_secret": "密钥不合适（{problem}）；"
    "请把 QUANTLOOM_SECRET_KEY 设为 `openssl rand -base64 48` 的输出",
    "up.start_failed": "{name} 启动失败（{problem}）；原因见上面它的输出",
    "schedules.bad_cron": "无法理解 {cron}：{problem}；请依次写分、时、日、月、星期，例如 "
    "'30 16 * * mon-fri'",
    "schedules.name_taken": "已有名为 {name} 的计划；请修改它，或换一个名称",
    "schedules.not_found": "没有计划 {schedule_id}；GET /api/v1/schedules 可列出您工作区的计划",
    "schedules.not_schedulable": "{kind} 不能设为计划；请选择可以重复执行的任务",
    "schedules.unknown_timezone": "没有时区 {timezone}；请写 Asia/Shanghai 或 UTC 这样的名称",
    "up.no_answer": "无法连接 {name}（{problem}）；请检查设置中的地址和密码，以及它是否在运行",
}
