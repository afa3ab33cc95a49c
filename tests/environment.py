"""The environment in which the tests run; loaded before Django's settings are."""

import os

os.environ.update(
    {
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-only-for-tests",
        "ENCRYPTION_KEYS": "4DXYp5oKAJY0MKgAHYI4lgTCk4NWULPtDPpzZDPGb-c=",
        "PUBLIC_URL": "http://localhost:8000",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "EMAIL_URL": "memorymail://",
        "DEBUG": "true",
        # Its own tests ask for it.
        "STAFF_SECOND_FACTOR": "false",
        # A browser that is driven from this thread leaves an event loop there, at the sight of
        # which Django would refuse the database to every later test.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }
)
os.environ.setdefault("DATABASE_URL", "sqlite:///:memory:")
os.environ.setdefault("REDIS_URL", "")
