"""Every name of a setting that the documents use, and what it is here."""

# name of the documents -> field of `Settings`, what it says, what is read
READ = {
    "DATABASE_URL": ("database_url", "postgresql://q@db/q", "postgresql://q@db/q"),
    "REDIS_URL": ("redis_url", "redis://cache:6379/0", "redis://cache:6379/0"),
    "SECRET_KEY": ("secret_key", "k" * 40, "k" * 40),
    "JWT_SECRET": ("secret_key", "k" * 41, "k" * 41),
    "JWT_SECRET_KEY": ("secret_key", "k" * 42, "k" * 42),
    "JWT_EXPIRE_MINUTES": ("access_token_minutes", "10", 10),
    "CELERY_BROKER_URL": ("broker_url", "redis://queue:6379/1", "redis://queue:6379/1"),
    "DEBUG": ("debug", "true", True),
}

# name of the documents -> the domain whose setting it will be, or why there is none
NOT_READ = {
    "CELERY_RESULT_BACKEND": "never: results are in the rows of the jobs, in PostgreSQL",
    "CTP_BROKER_ID": "later: trading",
    "CTP_USER_ID": "later: trading",
    "CTP_PASSWORD": "later: trading",
    "CTP_MD_ADDRESS": "later: trading",
    "CTP_TD_ADDRESS": "later: trading",
    "DEEPSEEK_API_KEY": "later: assistant",
    "DEEPSEEK_API_URL": "later: assistant",
    "TRADEMASTER_API_URL": "later: training",
    "UPLOAD_FOLDER": "later: files",
    "MAX_CONTENT_LENGTH": "later: files",
}
