"""Every address that there can be: those of the demo as well, which others do not have."""

from django.urls import path

from portal.demo.mails import mails
from portal.urls import handler500, urlpatterns

__all__ = ["handler500", "urlpatterns"]

urlpatterns = [*urlpatterns, path("demo/mails/", mails, name="demo-mails")]
