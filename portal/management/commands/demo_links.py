"""Makes everybody in the demo a link to sign in with; JSON, for the program that starts it."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from compliance.models import Membership, User
from portal.signin.links import new_link


class Command(BaseCommand):
    help = "Prints links to sign in with as the demo's people. Refuses to run outside of the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo_links lets anybody in: it runs with DEMO=true only.")
        now = timezone.now()
        people = [
            (membership.customer.name, membership.user)
            for membership in Membership.objects.select_related("user", "customer")
            .filter(role=Membership.Role.EDITOR, user__is_active=True)
            .order_by("customer__pk", "pk")
            .distinct()
        ]
        people += [("", user) for user in User.objects.filter(is_staff=True, is_active=True)]
        links = [
            {"customer": customer, "name": str(user), "url": new_link(user, now=now)}
            for customer, user in people
        ]
        self.stdout.write(json.dumps(links))
