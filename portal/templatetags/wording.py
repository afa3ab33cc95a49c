"""Small pieces of sentences in templates."""

from django import template

from compliance.wording.labels import labelled

register = template.Library()


@register.filter
def named(text: str, label: str) -> str:
    """``{{ value|named:label }}``: "Label: value", as the language writes it."""
    return labelled(label, text)
