"""The environment of an installation as it should be, for tests that look at one."""

ENVIRONMENT = {
    "PUBLIC_URL": "https://numbers.example.com",
    "SECRET_KEY": "nobody-uses-this-one-nobody-uses-this-one-nobody-uses-this-one",
    "ENCRYPTION_KEYS": "4DXYp5oKAJY0MKgAHYI4lgTCk4NWULPtDPpzZDPGb-c=",
    "DATABASE_URL": "postgres://portal:secret@db.example.com/portal",
    "REDIS_URL": "redis://redis.example.com:6379/0",
    "EMAIL_URL": "smtp+tls://portal:secret@mail.example.com:587",
    "SUPPORT_EMAIL": "support@example.com",
    "TWILIO_ACCOUNT_SID": "AC" + 32 * "0",
    "TWILIO_API_KEY": "SK" + 32 * "0",
    "TWILIO_API_SECRET": "secret",
    "TWILIO_AUTH_TOKEN": 32 * "0",
    "BEHIND_TLS_PROXY": "true",
}
