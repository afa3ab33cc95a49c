"""What support reads about what happened around a renewal: what it means, and what can be done."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# By the slug of the trouble. Each waits for a person.
TROUBLES: Mapping[str, str | Promise] = {
    "credentials": _(
        "Twilio does not accept the credentials of this account. Put them right; after that it "
        "goes on by itself."
    ),
    "stuck": _(
        "The same step was tried eight times without coming to its end. See in the timeline what "
        "it was delayed by, then retry this step."
    ),
    "going-in-circles": _(
        "Two steps undo each other. Start over with a new copy, and tell the developers."
    ),
    "gone": _(
        "Something that this step needs is not at Twilio any more. Look at the copy in the "
        "Console, then start over with a new copy."
    ),
    "nothing-to-ask": _(
        "Twilio's evaluation fails without naming anything that the customer could give. Look at "
        "the copy in the Console, put it right there, then retry this step."
    ),
    "original-not-approved": _(
        "The copy is approved, but the bundle itself is not any more: as a rule its deadline "
        "passed during the review. Ask Twilio's support to approve the bundle, then retry this "
        "step. The copy is kept."
    ),
    "copy-is-empty": _(
        "The approved copy holds nothing: somebody has used or emptied it. Look at the bundle in "
        "the Console; if it is not renewed, start over with a new copy."
    ),
    "date-still-there": _(
        "The items were put onto the bundle, but its date is still there. Ask Twilio's support "
        "why, then retry this step. The copy is kept as evidence."
    ),
    "refused-22224": _(
        "Twilio takes the items only where the bundle and its copy are both approved, and only "
        "once. Look at both in the Console, then retry this step."
    ),
    "refused-22229": _(
        "The address on the copy is another one than on the bundle, and Twilio does not change "
        "an address that way. Ask the customer for a document with the old address, or have "
        "Twilio's support change it."
    ),
    "refused-22230": _(
        "The bundle points to an address that was deleted at Twilio, so it can't be copied. Ask "
        "Twilio's support to bring the address back or to put another one into the bundle, then "
        "retry this step."
    ),
    "refused-21647": _(
        "The copy is being reviewed and can't be deleted now. Wait for the decision, then retry "
        "this step."
    ),
}

# By the kind of the event.
EVENTS: Mapping[str, str | Promise] = {
    "copy-gone": _("Somebody has deleted our copy at Twilio. Another one is made."),
    "item-gone": _("Somebody has removed something from our copy. It is read anew."),
    "bundle-gone": _("Twilio does not have the bundle any more. Ask the customer what it means."),
    "withdrawn": _("Somebody has taken the copy back from the reviewer. It is evaluated anew."),
    "finished-elsewhere": _(
        "Twilio says that the bundle is up to date without our copy: somebody has done it in the "
        "Console. What we had made is taken back."
    ),
    "regulation-changed": _("Twilio has changed the rule. The copy is evaluated by the new one."),
    "rule-changed-in-review": _(
        "Twilio has changed the rule during the review. A new copy with the same items is "
        "evaluated by the new one, and sent for review again."
    ),
    "submission-refused": _("Twilio evaluated once more and did not take it. It is read anew."),
    "rejected-without-details": _(
        "The reviewer gave no reason. Ask Twilio's support, and write to the customer."
    ),
    "item-refused-elsewhere": _(
        "A document that this renewal shares with another one was refused there."
    ),
    "copy-of-somebody-else": _(
        "Somebody has made a copy of the bundle that is not ours. It is left alone; ask them "
        "whether they do the same work."
    ),
    "item-kept": _("Twilio did not delete something that is not needed. It is tried again."),
    "address-kept": _("Twilio did not delete an address. It is tried again."),
    "stray-removed": _("Something of ours was left over at Twilio, and has been deleted."),
    "expired": _("The deadline has passed. The renewal goes on as far as Twilio lets it."),
    "bundle-assigned": _("Staff have said whose bundle this is."),
    "wish-too-late": _("It had moved on before a worker could do what was asked for."),
}

# By why the reconcile leaves something at Twilio to a person.
STRAYS: Mapping[str, str | Promise] = {
    "refused": _(
        "Twilio did not delete it, however often it was tried. Look at it in the Console, and "
        "delete it there if nothing uses it."
    ),
    "unknown": _(
        "No renewal here has this reference; another installation may use the same account. If "
        "you are sure that nobody needs it, delete it in the Console."
    ),
    "not-a-draft": _(
        "Our copy for a renewal that has ended or goes on with another one. It was sent for "
        "review, so it is not deleted by itself: look at it in the Console."
    ),
    "unproven": _(
        "It carries our mark, but nothing here proves that we made it. If you are sure that "
        "nobody needs it, delete it in the Console."
    ),
}


def of_trouble(slug: str) -> str:
    """Empty without trouble."""
    if not slug or slug in TROUBLES:
        return str(TROUBLES.get(slug, ""))
    if slug.startswith("refused-"):
        return gettext(
            "Twilio refuses this step with error %(code)s. Read what it said, put it right with "
            "the customer or in the Console, then retry this step."
        ) % {"code": slug.removeprefix("refused-")}
    return gettext("This step needs a person. See the timeline, then retry this step.")


def of_event(kind: str) -> str:
    """Empty where the kind says enough."""
    return str(EVENTS.get(kind, ""))


def of_stray(why: str) -> str:
    return str(STRAYS.get(why, ""))
