"""The few addresses of signing in. Allauth's others (passwords, signing up) do not exist here; the
names are those by which it finds its own pages."""

from django.urls import path

from portal.signin.views import enter_code, follow_link, sign_in, sign_out

urlpatterns = [
    path("sign-in/", sign_in, name="account_request_login_code"),
    path("sign-in/", sign_in, name="account_login"),
    path("sign-in/code/", enter_code, name="account_confirm_login_code"),
    path("sign-in/link/<str:token>/", follow_link, name="sign-in-link"),
    path("sign-out/", sign_out, name="account_logout"),
]
