"""Every address outside of the admin, by its name, and what each role gets there.

The admin's own are in the table of ``tests.desk.test_roles``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver

OTHERS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
METHODS = ("GET", "HEAD", "POST", *OTHERS)
# Who is not, or not any more, let in; who belongs to another company; the staff; the company's own.
OUTSIDE, STRANGER = ("anonymous", "deactivated"), ("other",)
STAFF, VIEWER, EDITOR = ("support", "auditor", "admin"), ("viewer",), ("editor",)
ROLES = (*OUTSIDE, *STRANGER, *STAFF, *VIEWER, *EDITOR)
# The status of a bare GET and of a bare POST.
Statuses = tuple[int, int]
HIDDEN: Statuses = (404, 404)


@dataclass(frozen=True, kw_only=True)
class Door:
    editor: Statuses
    viewer: Statuses
    stranger: Statuses
    staff: Statuses
    # None: to sign in, by whatever method.
    outside: Statuses | None = None
    # For scripts, which know what they ask for.
    has_head: bool = True

    def status(self, role: str, method: str) -> int:
        statuses = self._of(role)
        if statuses is None:
            return 302
        get, post = statuses
        if method == "POST":
            return post
        if method == "GET" or (method == "HEAD" and self.has_head):
            return get
        return 405

    def _of(self, role: str) -> Statuses | None:
        for roles, statuses in (
            (OUTSIDE, self.outside),
            (STRANGER, self.stranger),
            (STAFF, self.staff),
            (VIEWER, self.viewer),
        ):
            if role in roles:
                return statuses
        return self.editor


def of_company(get: int, post: int = 405, *, viewer: Statuses | None = None) -> Door:
    """About one company's things: nobody else learns that they exist, the staff neither."""
    hidden = (405 if get == 405 else 404, 405 if post == 405 else 404)
    sees = viewer or (get, 405 if post == 405 else 403)
    return Door(editor=(get, post), viewer=sees, stranger=hidden, staff=hidden)


def of_editors(get: int, post: int = 405) -> Door:
    viewer = (405 if get == 405 else 403, 405 if post == 405 else 403)
    return of_company(get, post, viewer=viewer)


def own(get: int, post: int = 405, *, staff: Statuses | None = None) -> Door:
    """For everybody who is signed in, about themselves."""
    both = (get, post)
    return Door(editor=both, viewer=both, stranger=both, staff=staff or both)


def open_to_all(
    get: int, post: int = 405, *, signed_in: Statuses | None = None, has_head: bool = True
) -> Door:
    both = (get, post)
    inside = signed_in or both
    return Door(
        editor=inside, viewer=inside, stranger=inside, staff=inside, outside=both, has_head=has_head
    )


DOORS: dict[str, Door] = {
    # Whether all is well, and nothing about anybody.
    "healthz": open_to_all(200),
    "readyz": open_to_all(503),
    "metrics": open_to_all(404),
    # The way in, and on for who is in.
    "account_request_login_code": open_to_all(200, 200, signed_in=(302, 302)),
    "account_login": open_to_all(200, 200, signed_in=(302, 302)),
    "account_confirm_login_code": open_to_all(302, 302),
    "sign-in-link": open_to_all(404, 404),
    "sign-in-with-passkey": open_to_all(200, 302, has_head=False),
    "account_logout": open_to_all(405, 302),
    "admin-login": open_to_all(302, 302, signed_in=(403, 403)),
    "admin-logout": open_to_all(405, 302),
    "demo-mails": open_to_all(200),
    # Signed, or a hint that nobody takes.
    "twilio-callback": open_to_all(403, 403, has_head=False),
    # One's own.
    "home": own(200),
    "session": own(200, 302),
    "settings": own(200, 200),
    "sign-out-elsewhere": own(405, 302),
    "sign-in-again": own(200, 302),
    "end-acting": own(405, 302),
    "companies": own(302, staff=(200, 405)),
    "add-passkey": own(200, 200),
    "second-factor": own(404, 404),
    "set-up-second-factor": own(404, 404),
    "remove-app": own(404, 404),
    "recovery-codes": own(404),
    # The editor's: her colleague is a stranger to it, too.
    "rename-passkey": of_company(200, 200, viewer=HIDDEN),
    "remove-passkey": of_company(200, 302, viewer=HIDDEN),
    # A company's.
    "people": of_company(200),
    "add-person": of_editors(200, 200),
    "change-person": of_editors(200, 200),
    "invite-again": of_editors(405, 302),
    "remove-person": of_editors(200, 302),
    "registration": of_company(200),
    "registration-status": of_company(286),
    "send": of_company(302, 302),
    "sent": of_company(302),
    "record": of_company(302),
    "use-elsewhere": of_editors(405, 302),
    "task": of_company(200, 422),
    "draft": of_editors(405, 302),
    "file": of_editors(405, 422),
}


def doors(patterns: Any = None, *, within: str = "") -> Iterator[tuple[str, Any]]:
    """The name of each address and its pattern; of the admin, one for all of it."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if getattr(pattern, "app_name", None) == "admin":
            yield "admin:", pattern
        elif hasattr(pattern, "url_patterns"):
            yield from doors(pattern.url_patterns, within=within + str(pattern.pattern))
        else:
            yield pattern.name or NAMELESS[within + str(pattern.pattern)], pattern


NAMELESS = {"admin/login/": "admin-login", "admin/logout/": "admin-logout"}
