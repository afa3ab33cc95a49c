"""What other apps put into the admin: taken out, or in the theme."""

import allauth.account.admin  # noqa: F401 (it registers what is taken out below)
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangosGroupAdmin
from django.contrib.auth.models import Group

from compliance.admin.base import ModelAdmin

# A person's one address is their own row; allauth's copy of it decides nothing here.
admin.site.unregister(EmailAddress)
admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(DjangosGroupAdmin, ModelAdmin):
    pass
