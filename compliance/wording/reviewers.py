"""What a reviewer's number means, and what to do about it. The numbers are Twilio's; the words are
ours. A number that is not here is shown with the reviewer's own sentence."""

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

EXPLANATIONS = {
    18001: _("This is not the kind of document that was asked for. Send one from the list."),
    18002: _(
        "The document cannot be read. Send a sharp picture in good light, with all four corners."
    ),
    18003: _("The document has expired or is not valid. Send one that is valid today."),
    18004: _("Parts of the document are covered. Send it with everything visible."),
    18005: _("Something that the document must show is missing. Send one that shows all of it."),
    18006: _(
        "What you entered is not what the document shows. Correct one of them so that both agree."
    ),
    18007: _("Both sides of the identity document are needed, together in one file."),
    18008: _("The name you entered is not the name on the identity document."),
    18009: _("The nationality you entered is not the one on the document."),
    18010: _("The registration number you entered is not the one on the document."),
    18011: _("The business name you entered is not the one on the document."),
    18012: _("An address in the country of the phone numbers is needed."),
    18013: _("The address for emergency calls must be in the country of the phone numbers."),
    18014: _(
        "The address is not complete or does not exist. Enter it as the post office knows it."
    ),
    18015: _("The address for emergency calls is not complete or does not exist."),
    18016: _("The address you entered is not the one on the document."),
    18017: _("The identity document shows no address. Send one that does, or a proof of address."),
    18018: _("A PO box is not accepted. Enter the address of a building."),
    18019: _("A proof of identity of the authorized representative is missing."),
    18020: _("The representative you named does not stand on the registration document."),
    18021: _("The name on the proof of address is not the name you entered."),
    18022: _(
        "The proof of address is too old. For a person it may be 3 months old, for a business "
        "one year."
    ),
    18023: _("According to the document the business is no longer active."),
    18024: _("The file is damaged and could not be opened. Save or scan it again."),
    18036: _("Personal details that the rules ask for are missing."),
    18037: _("Something in the form was left out. Fill in every field."),
    18038: _(
        "What you entered is not what the document shows. Correct one of them so that both agree."
    ),
    18039: _("A local address is needed, in the area of the phone numbers."),
    18050: _("Something is wrong with the documents. Look at each one below."),
    18051: _("Something is wrong with the details. The reviewer may have written an e-mail."),
    18052: _("The person named is under age. Name someone who is of age."),
    18053: _("The business name is not the one on the website you gave."),
    18054: _("The phone number does not work. Enter one that reaches you."),
    18055: _("The e-mail address does not work. Enter one that reaches you."),
    18056: _("Enter the representative's e-mail address at the business, not a private one."),
    18057: _("The online identity check did not succeed."),
    18058: _("The tax number is missing."),
    18059: _("A photo identity document is missing, or is not valid."),
    18060: _("The extract from the business register is missing."),
    18061: _("The extract from the business register is not valid. Send a current one."),
    18062: _("According to the register the business is no longer active."),
    18099: _("This was a test and is always refused."),
}


def explanation(code: int | None) -> str:
    """Our sentence for a reviewer's number; empty if we have none."""
    known = EXPLANATIONS.get(code or 0)
    return gettext(known) if known else ""
