"""The few addresses of signing in. Allauth's others (passwords, signing up, second factors) do not
exist here; the names ``account_...`` are those by which it finds its own pages."""

from django.urls import path

from portal.signin.passkeys import (
    add_passkey,
    remove_passkey,
    rename_passkey,
    sign_in_with_passkey,
)
from portal.signin.second_factor import (
    recovery_codes,
    remove_app,
    second_factor,
    set_up_second_factor,
)
from portal.signin.views import enter_code, follow_link, sign_in, sign_in_again, sign_out

urlpatterns = [
    path("sign-in/", sign_in, name="account_request_login_code"),
    path("sign-in/", sign_in, name="account_login"),
    path("sign-in/code/", enter_code, name="account_confirm_login_code"),
    path("sign-in/link/<str:token>/", follow_link, name="sign-in-link"),
    path("sign-in/passkey/", sign_in_with_passkey, name="sign-in-with-passkey"),
    path("sign-in/second/", second_factor, name="second-factor"),
    path("sign-in/second/set-up/", set_up_second_factor, name="set-up-second-factor"),
    path("sign-in/second/remove/", remove_app, name="remove-app"),
    path("sign-in/second/codes/", recovery_codes, name="recovery-codes"),
    path("sign-in/again/", sign_in_again, name="sign-in-again"),
    path("settings/passkeys/add/", add_passkey, name="add-passkey"),
    path("settings/passkeys/<int:pk>/", rename_passkey, name="rename-passkey"),
    path("settings/passkeys/<int:pk>/remove/", remove_passkey, name="remove-passkey"),
    path("sign-out/", sign_out, name="account_logout"),
]
