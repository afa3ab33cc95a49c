"""The addresses of every page, by what they act on."""

from django.contrib import admin
from django.urls import path

from compliance.callbacks import callback

urlpatterns = [
    path("hooks/twilio/<str:token>/", callback, name="twilio-callback"),
    path("admin/", admin.site.urls),
]
