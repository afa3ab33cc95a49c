"""The addresses of every page, by what they act on."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from compliance.callbacks import callback
from portal.acting import end_acting
from portal.health import healthz
from portal.operations.metrics import metrics
from portal.operations.readiness import readyz
from portal.session import session
from portal.signin.views import sign_in_to_admin, sign_out
from portal.views.drafts import draft
from portal.views.files import file
from portal.views.home import home
from portal.views.record import record
from portal.views.registration import registration, status
from portal.views.sending import send, sent
from portal.views.sharing import use_elsewhere
from portal.views.tasks import task

handler500 = "portal.views.errors.server_error"


class Reference(StringConverter):
    """Nothing else gets as far as the database."""

    regex = "CMP-[0-9A-Z]{6}"


register_converter(Reference, "reference")

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("", home, name="home"),
    path("", include("portal.signin.urls")),
    path("", include("portal.people.urls")),
    path("r/<reference:reference>/", registration, name="registration"),
    path("r/<reference:reference>/status/", status, name="registration-status"),
    path("r/<reference:reference>/send/", send, name="send"),
    path("r/<reference:reference>/sent/", sent, name="sent"),
    path("r/<reference:reference>/record/", record, name="record"),
    path("r/<reference:reference>/use-elsewhere/", use_elsewhere, name="use-elsewhere"),
    path("r/<reference:reference>/<slug:task_key>/", task, name="task"),
    path("r/<reference:reference>/<slug:task_key>/draft/", draft, name="draft"),
    path("r/<reference:reference>/<slug:task_key>/file/", file, name="file"),
    path("session/", session, name="session"),
    path("acting/end/", end_acting, name="end-acting"),
    path("hooks/twilio/<str:token>/", callback, name="twilio-callback"),
    path("admin/login/", sign_in_to_admin),
    path("admin/logout/", sign_out),
    path("admin/", admin.site.urls),
]

if settings.DEMO:
    from portal.demo.mails import mails

    urlpatterns.append(path("demo/mails/", mails, name="demo-mails"))
