"""What the web server serves. It does not start with a configuration that is unsafe or broken."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = get_wsgi_application()

from portal.checks import refuse_a_broken_configuration  # noqa: E402  (needs the loaded apps)

refuse_a_broken_configuration()
