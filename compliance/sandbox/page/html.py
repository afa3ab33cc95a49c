"""Pieces of HTML. Every value that goes in is escaped; only Markup is taken as it is."""

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

EMPTY = Markup("")


def join(pieces: Iterable[Markup]) -> Markup:
    return Markup("\n").join(pieces)


def form(action: str, *controls: Markup, css: str = "") -> Markup:
    return Markup('<form method="post" action="/page/{}" class="{}">\n{}\n</form>').format(
        action, css, join(controls)
    )


def button(text: str, css: str = "") -> Markup:
    return Markup('<button class="{}">{}</button>').format(css, text)


def field(
    label: str, name: str, value: object = "", *, kind: str = "text", hint: str = ""
) -> Markup:
    step = Markup(' step="any"') if kind == "number" else EMPTY
    return Markup(
        '<label><span>{}</span><input type="{}" name="{}" value="{}" placeholder="{}"{}></label>'
    ).format(label, kind, name, value, hint, step)


def area(label: str, name: str, value: str = "") -> Markup:
    return Markup(
        '<label class="wide"><span>{}</span>'
        '<textarea name="{}" rows="8" spellcheck="false">{}</textarea></label>'
    ).format(label, name, value)


def select(
    label: str,
    name: str,
    options: Mapping[str, str] | Sequence[str],
    chosen: object = "",
    css: str = "",
) -> Markup:
    pairs = options.items() if isinstance(options, Mapping) else [(o, o) for o in options]
    choices = join(
        Markup('<option value="{}"{}>{}</option>').format(
            value, Markup(" selected") if value == str(chosen) else EMPTY, text
        )
        for value, text in pairs
    )
    return Markup('<label class="{}"><span>{}</span><select name="{}">{}</select></label>').format(
        css, label, name, choices
    )


def hidden(name: str, value: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(name, value)


def section(anchor: str, title: str, *content: Markup) -> Markup:
    return Markup('<section id="{0}"><h2>{1}</h2>\n{2}\n</section>').format(
        anchor, title, join(content)
    )


def fold(summary: Markup, *content: Markup, anchor: str = "", unfolded: bool = False) -> Markup:
    return Markup('<details id="{}"{}><summary>{}</summary>\n{}\n</details>').format(
        anchor, Markup(" open") if unfolded else EMPTY, summary, join(content)
    )


def text(words: str, css: str = "") -> Markup:
    return Markup('<p class="{}">{}</p>').format(css, words)


def badge(status: str) -> Markup:
    return Markup('<span class="badge {0}">{0}</span>').format(status)


def code(value: str) -> Markup:
    return Markup("<code>{}</code>").format(value)


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """A list of names and values; values without content are left out."""
    rows = [
        Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(name, value)
        for name, value in pairs
        if value not in (None, "", [])
    ]
    return Markup('<dl class="facts">{}</dl>').format(join(rows)) if rows else EMPTY


def document(title: str, body: Markup) -> str:
    return str(
        Markup(
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            '<meta name="color-scheme" content="light dark">\n'
            '<title>{}</title>\n<link rel="stylesheet" href="/style.css">\n'
            "</head>\n<body>\n{}\n</body>\n</html>\n"
        ).format(title, body)
    )
