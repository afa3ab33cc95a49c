"""What makes a document likely to come back, said before it is sent. Never a reason to refuse it:
the person who holds the paper knows better."""

from django.utils.translation import gettext


def sentence(code: str) -> str:
    match code:
        case "blurred":
            return gettext(
                "This photo looks blurred. Take it again with a steady hand and in good light, "
                "with all four corners in the picture."
            )
        case "dark":
            return gettext(
                "This photo is very dark. Take it again in better light, "
                "with all four corners in the picture."
            )
        case "small":
            return gettext(
                "This picture is small, and its text may be impossible to read. "
                "Take it again from nearer, or use a larger version."
            )
        case "blank":
            return gettext("This page looks empty. Check that it shows the document.")
        case _:
            return gettext("This file may be impossible to read. Check that it is the right one.")
