"""The brand, for mails, which have no request and so nothing of ``portal.context``."""

from django.template import Library

from portal.brand import Brand, current

register = Library()


@register.simple_tag
def the_brand() -> Brand:
    return current()
