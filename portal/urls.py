"""The addresses of every page, by what they act on."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from compliance.callbacks import callback
from portal.session import session
from portal.signin.views import sign_in_to_admin
from portal.views.drafts import draft
from portal.views.files import file
from portal.views.home import home
from portal.views.record import record
from portal.views.registration import registration, status
from portal.views.sending import send, sent
from portal.views.sharing import use_elsewhere
from portal.views.tasks import task

handler500 = "portal.views.errors.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("", include("portal.signin.urls")),
    path("session/", session, name="session"),
    path("r/<str:reference>/", registration, name="registration"),
    path("r/<str:reference>/status/", status, name="registration-status"),
    path("r/<str:reference>/send/", send, name="send"),
    path("r/<str:reference>/sent/", sent, name="sent"),
    path("r/<str:reference>/record/", record, name="record"),
    path("r/<str:reference>/use-elsewhere/", use_elsewhere, name="use-elsewhere"),
    path("r/<str:reference>/<str:task_key>/", task, name="task"),
    path("r/<str:reference>/<str:task_key>/draft/", draft, name="draft"),
    path("r/<str:reference>/<str:task_key>/file/", file, name="file"),
    path("hooks/twilio/<str:token>/", callback, name="twilio-callback"),
    path("admin/login/", sign_in_to_admin),
    path("admin/", admin.site.urls),
]

if settings.DEMO:
    from portal.demo.mails import mails

    urlpatterns.append(path("demo/mails/", mails, name="demo-mails"))
