"""The addresses of people and settings. A company's and a person's number in them is random: it
tells nothing, and leads nowhere for anybody else."""

from django.urls import path

from portal.people.own import own_settings, sign_out_elsewhere
from portal.people.views import add, change, companies, invite_again, people, remove

urlpatterns = [
    path("people/", companies, name="companies"),
    path("people/<uuid:company>/", people, name="people"),
    path("people/<uuid:company>/add/", add, name="add-person"),
    path("people/<uuid:company>/<uuid:person>/", change, name="change-person"),
    path("people/<uuid:company>/<uuid:person>/invite/", invite_again, name="invite-again"),
    path("people/<uuid:company>/<uuid:person>/remove/", remove, name="remove-person"),
    path("settings/", own_settings, name="settings"),
    path("settings/sign-out-elsewhere/", sign_out_elsewhere, name="sign-out-elsewhere"),
]
