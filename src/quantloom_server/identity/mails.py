"""The mails about an account, in both languages. Each says what to do if it was not the reader."""

from quantloom_server.platform.mail import Mail

_SUBJECTS = {
    "password_reset": ("Choose a new password", "设置新密码"),
    "password_changed": ("Your password was changed", "您的密码已更改"),
    "session_stolen": ("A session of yours was ended", "您的一个会话已被终止"),
    "account_locked": ("Too many tries to sign in as you", "有人多次尝试登录您的账户"),
    "factor_added": ("A second factor now protects your account", "您的账户已启用第二因素"),
    "factor_removed": ("Your second factor was taken away", "您的第二因素已取消"),
    "factor_reset": ("An operator took your second factor away", "管理员取消了您的第二因素"),
    "trading_password_set": ("Your trading password was set", "您的交易密码已设置"),
    "email_change": ("Confirm your new e-mail address", "请确认您的新邮箱"),
    "email_change_asked": ("Your e-mail address is about to change", "您的邮箱即将更改"),
    "email_changed": ("Your e-mail address was changed", "您的邮箱已更改"),
    "email_verification": ("Confirm your e-mail address", "请确认您的邮箱"),
}
_TEXTS = {
    "password_reset": (
        (
            "Somebody, you we hope, asked for a new password for {username}.\n\n"
            "Choose one here within {minutes} minutes:\n{link}\n\n"
            "If it was not you, do nothing: your password stays as it is."
        ),
        (
            "有人（希望是您本人）为 {username} 申请重设密码。\n\n"
            "请在 {minutes} 分钟内打开此链接设置：\n{link}\n\n如果不是您，请忽略：密码不会改变。"
        ),
    ),
    "password_changed": (
        (
            "The password of {username} was changed from {address}; all other sessions have ended."
            "\n\nIf it was not you, ask for a reset at once: {url}/reset-password"
        ),
        (
            "{username} 的密码已从 {address} 更改，其他会话均已结束。\n\n"
            "如果不是您，请立即重设密码：{url}/reset-password"
        ),
    ),
    "session_stolen": (
        (
            "A refresh token of {username} was used twice, last from {address}. One of the two who "
            "held it was not you, so the session was ended.\n\n"
            "Sign in again, and change the password if you do not know why: {url}"
        ),
        (
            "{username} 的一个刷新令牌被使用了两次，最近一次来自 {address}；"
            "其中之一并非您本人，因此会话已终止。\n\n请重新登录；若不明原因，请更改密码：{url}"
        ),
    ),
    "account_locked": (
        (
            "There were many wrong passwords or codes for {username}, last from {address}. Nobody "
            "can sign in for {minutes} minutes; nothing else has changed.\n\n"
            "A new password opens the account at once: {url}/reset-password"
        ),
        (
            "{username} 多次输入了错误的密码或验证码，最近一次来自 {address}。"
            "{minutes} 分钟内无法登录，其他一切未变。\n\n重设密码可立即恢复：{url}/reset-password"
        ),
    ),
    "factor_added": (
        (
            "From now on {username} signs in with a code as well. It was set up from {address}.\n\n"
            "If it was not you, ask your administrator for help at once."
        ),
        (
            "从现在起 {username} 登录时还需要验证码。设置来自 {address}。\n\n"
            "如果不是您，请立即联系管理员。"
        ),
    ),
    "factor_removed": (
        (
            "{username} signs in without a code again. It was changed from {address}.\n\n"
            "If it was not you, change the password at once: {url}"
        ),
        (
            "{username} 登录时不再需要验证码。更改来自 {address}。\n\n"
            "如果不是您，请立即更改密码：{url}"
        ),
    ),
    "factor_reset": (
        (
            "An operator took the second factor of {username} away, and every session has ended. "
            "Sign in by the password alone, and set up a new authenticator: {url}\n\n"
            "If you did not ask for it, tell your administrator at once."
        ),
        (
            "管理员取消了 {username} 的第二因素，所有会话均已结束。"
            "请仅用密码登录，并设置新的验证器：{url}\n\n如果这不是您要求的，请立即查明。"
        ),
    ),
    "email_change": (
        (
            "{username} asked that mails go to this address from now on.\n\n"
            "Confirm it within {hours} hours, signed in to that account:\n{link}\n\n"
            "If this is not your account, do nothing: nothing changes."
        ),
        (
            "{username} 申请今后的邮件发往此地址。\n\n"
            "请在 {hours} 小时内登录该账户并打开此链接确认：\n{link}\n\n"
            "如果这不是您的账户，请忽略：一切不变。"
        ),
    ),
    "email_change_asked": (
        (
            "Another e-mail address was named for {username}, from {address}. Once it is "
            "confirmed, mails go there and no longer here.\n\n"
            "If it was not you, change the password at once, which stops it: {url}/reset-password"
        ),
        (
            "有人从 {address} 为 {username} 登记了另一个邮箱。"
            "确认之后，邮件将发往那里，而不再发往此处。\n\n"
            "如果不是您，请立即更改密码以阻止此更改：{url}/reset-password"
        ),
    ),
    "email_changed": (
        (
            "Mails about {username} go to another address from now on; it was changed from "
            "{address}.\n\nIf it was not you, ask your administrator for help at once."
        ),
        (
            "从现在起，有关 {username} 的邮件将发往另一个邮箱；更改来自 {address}。\n\n"
            "如果不是您，请立即联系管理员。"
        ),
    ),
    "email_verification": (
        (
            "Somebody, you we hope, registered {username} with this address.\n\n"
            "Confirm it within {hours} hours:\n{link}\n\nIf it was not you, do nothing."
        ),
        (
            "有人（希望是您本人）用此邮箱注册了 {username}。\n\n"
            "请在 {hours} 小时内打开此链接确认：\n{link}\n\n如果不是您，请忽略。"
        ),
    ),
    "trading_password_set": (
        (
            "The trading password of {username} was set from {address}.\n\n"
            "If it was not you, change your password at once: {url}"
        ),
        "{username} 的交易密码已从 {address} 设置。\n\n如果不是您，请立即更改密码：{url}",
    ),
}


def compose(kind: str, to: str, *, is_chinese: bool | None, **facts: object) -> Mail:
    """Write the mail of a kind.

    Args:
        kind: such as `password_changed`.
        to: the e-mail address.
        is_chinese: whether the reader reads Chinese; None writes both, where nobody knows.
        facts: what the text names: username, address, url, and link, minutes and hours where it
            does.
    """
    languages = (0, 1) if is_chinese is None else (int(is_chinese),)
    subject = " / ".join(_SUBJECTS[kind][language] for language in languages)
    text = "\n\n".join(_TEXTS[kind][language].format_map(facts) for language in languages)
    return Mail(to, f"Quantloom: {subject}", text)
