"""Texts of the service's errors in Chinese, by code; the library finds them by an entry point."""

CHINESE: dict[str, str] = {
    "auth.not_permitted": "此操作需要权限 {permission}；管理员可以授予",
    "auth.step_up_required": "请先用交易密码和双重验证码解锁交易",
    "auth.unauthenticated": "请先登录，并以 `Authorization: Bearer ...` 发送访问令牌",
    "conflict.changed_since_read": "您读取之后已有人修改；请重新读取，再作修改",
    "embedded.already_running": "{what} 已在 {folder} 上运行（进程 {pid}）；请使用它、停止它，"
    "或用 QUANTLOOM_DATA_DIR 另选文件夹",
    "embedded.bad_secrets": "密码文件 {path} 丢失或损坏（{problem}），没有它就无法进入服务；"
    "请从数据所属的备份中恢复",
    "embedded.folder_not_ours": "{folder} 不可信（{problem}），不能存放机密；请删除它",
    "embedded.folder_out_of_reach": "服务以 {account} 身份运行，而它无法经过 {blocked} 到达 "
    "{folder}；请用 QUANTLOOM_DATA_DIR 选择 /var/lib/quantloom 这样的文件夹，或以普通用户运行",
    "embedded.other_major": "{folder} 由 PostgreSQL {major} 写成，而此处只有 {known}；"
    "请安装该版本，或用它导出数据库再导入新的文件夹",
    "embedded.server_failed": "{name} 启动失败（{problem}）；最后的输出：{last_words}",
    "embedded.server_missing": "找不到 {program}；请安装：pip install 'quantloom[server]'"
    "（{package}），或使用系统的软件包，或用 {setting} 指定别处的服务",
    "embedded.socket_path_too_long": "{folder} 对套接字来说太长；请使用不超过 80 字节的路径",
    "jobs.bad_payload": "{kind} 的参数不符合要求：{problem}；请修正后重新提交",
    "jobs.is_over": "任务 {job_id} 已经是 {state}，没有可以取消的了",
    "jobs.not_found": "没有任务 {job_id}；GET /api/v1/jobs 可列出您工作区的任务",
    "jobs.not_retriable": "任务 {job_id} 处于 {state}；只有 failed、dead "
    "或 cancelled 的任务可以重试",
    "jobs.took_too_long": "{kind} 运行超过了 {limit_s} 秒；请减少一次要做的量",
    "jobs.unknown_kind": "没有名为 {kind} 的任务；请检查名称，并确认各部分是同一版本",
    "limits.too_large": "{what} 超过了允许的 {limit}",
    "limits.too_many": "超过了 {rule} 的限制；请在 {retry_after_s} 秒后再试",
    "platform.database_down": "数据库没有应答（{reason}）；请稍后再试",
    "platform.not_configured": "未设置 {setting}；请设置它，或用 `quantloom up` 启动全部服务",
    "up.start_failed": "{name} 启动失败（{problem}）；原因见上面它的输出",
}
