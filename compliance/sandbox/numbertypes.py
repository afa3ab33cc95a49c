"""The kinds of phone number and of End-User that regulations are about, in Twilio's spelling."""

NUMBER_TYPES = ("local", "mobile", "national", "toll-free")
END_USER_TYPES = ("individual", "business")


def number_type(text: str) -> str | None:
    """Twilio's pages write toll-free in four ways; all of them are understood here."""
    plain = "".join(letter for letter in text.lower() if letter.isalpha())
    return {kind.replace("-", ""): kind for kind in NUMBER_TYPES}.get(plain)


def end_user_type(text: str) -> str | None:
    return text.lower() if text.lower() in END_USER_TYPES else None
