"""What every page of the admin is built on: the theme's classes, and rows that only the engine
writes."""

from typing import TYPE_CHECKING, Any

from django.core.paginator import Page, Paginator
from django.db.models import BinaryField, JSONField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    # The theme carries no types; its classes derive from these.
    from django.contrib.admin import ModelAdmin as ThemesModelAdmin
    from django.contrib.admin import SimpleListFilter as DropdownFilter
    from django.contrib.admin import TabularInline
    from django.forms import Textarea as TextAreaWidget
    from django.forms import TextInput as TextInputWidget
else:
    from unfold.admin import ModelAdmin as ThemesModelAdmin
    from unfold.admin import TabularInline
    from unfold.contrib.filters.admin import DropdownFilter
    from unfold.widgets import UnfoldAdminTextareaWidget as TextAreaWidget
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInputWidget

__all__ = [
    "DropdownFilter",
    "ModelAdmin",
    "OwnPages",
    "ReadOnly",
    "ReadOnlyAdmin",
    "TabularInline",
    "TextAreaWidget",
    "TextInputWidget",
    "page_of",
    "relative",
]


class ModelAdmin(ThemesModelAdmin):
    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """An address can ask for any column. What is sealed, or has a shape of its own, is nothing
        to look for: databases answer that with an error."""
        column = lookup.partition("__")[0]
        for field in self.opts.concrete_fields:
            if column in (field.name, field.attname) and isinstance(field, BinaryField | JSONField):
                return False
        return super().lookup_allowed(lookup, value, request)


class ReadOnly:
    """Mixed into a ModelAdmin or an inline: look, but neither add, change nor delete."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, ModelAdmin):
    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        """Nothing is chosen from another list here, and that list's order need not hold."""
        return None


class OwnPages(ModelAdmin):
    """Has pages beside those of its list and its rows."""

    def shown(
        self, request: HttpRequest, name: str, title: Any, context: dict[str, Any]
    ) -> HttpResponse:
        """:param name: of the template, in ``admin/compliance``."""
        frame = self.admin_site.each_context(request)
        context = {**frame, "title": title, "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/compliance/{name}.html", context)


def page_of(request: HttpRequest, rows: Any, *, size: int) -> Page[Any]:
    """The one that the address asks for."""
    return Paginator(rows, size).get_page(request.GET.get("page"))


def relative(moment: Any) -> str:
    """A date with its distance, so that nobody has to count days."""
    if moment is None:
        return "-"
    now = timezone.now()
    if moment > now:
        distance = _("in %(time)s") % {"time": timeuntil(moment, now, depth=1)}
    else:
        distance = _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}
    return f"{moment:%Y-%m-%d %H:%M} UTC ({distance})"
