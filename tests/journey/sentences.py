"""What customers are to be told when something is wrong, empty or late, and the page on which it
stands.

The design of the journey lists these sentences; each has a page in a state on which it is said.
"""

SENTENCES = [
    # Signing in.
    ("sign-in", "Enter your e-mail. We will send a link and a 6-digit code."),
    ("link-used", "This link has already been used"),
    ("link-used", "We can send a new one."),
    ("link-expired", "because links last 30 minutes. Your answers are safe."),
    ("home-none", "We do not have any registrations for this address."),
    ("home-none", "If a colleague manages them, ask them to add you"),
    # The list.
    ("home-due", "1 registration needs your attention"),
    ("home-due", "send your update by"),
    ("home-fine", "Everything is up to date"),
    ("home-fine", "There is nothing you need to do. We will e-mail you if the rules change."),
    ("home-fine", "Last checked"),
    ("home-none", "No registrations yet"),
    ("home-several", "We cannot fetch the latest status right now."),
    ("home-several", "You can keep working; we will send it as soon as the connection is back."),
    # A registration.
    ("fixing", "Checking usually takes 1 working day."),
    ("fixing", "The registration expires on"),
    ("fixing", "Cannot start yet"),
    ("fixing", "Already fine (1)"),
    ("ready-at-once", "Your details already meet the new rules"),
    ("ready-at-once", "Please check them and confirm."),
    ("ready-at-once", "Something has changed"),
    ("preparing", "Getting your form ready. This takes a few seconds."),
    ("preparing-slowly", "This is taking longer than usual."),
    ("preparing-slowly", "You can close this page; we will e-mail you when it is ready."),
    # Details.
    ("details", "The rules now ask for this."),
    ("details-with-errors", "There is a problem"),
    ("details-with-errors", "Enter your business registration number"),
    ("details-with-errors", "Enter an e-mail address in the correct format"),
    ("matching", "Use “Acme GmbH” in both places"),
    ("matching", "Use “Acme Deutschland GmbH” in both places"),
    ("matching", "Neither: I will type it"),
    ("details-unheard-of", "“The e-mail has not been seen by a notary.”"),
    ("details-unheard-of", "Reference 29999"),
    ("details-not-accepted", "We saved your answer, but it was not accepted:"),
    ("details-not-accepted", "with the reference CMP-"),
    ("details-overtaken", "A colleague changed this page at"),
    # Documents.
    ("document", "What it must show"),
    ("document", "a photo of a screen"),
    ("document", "two different documents in one file"),
    ("document-with-errors", "Select your commercial register extract"),
    ("document-of-no-kind", "The selected file must be a PDF, JPG or PNG."),
    ("document-doubted", "This photo looks blurred. Take it again with a steady hand"),
    # Sending.
    ("send", "Nothing can be changed while it is being checked."),
    ("send-late", "It is later than we recommend. Send it now; checking may finish after"),
    ("send-expired", "Send your update now; we will do everything we can to restore it."),
    ("sent", "Your phone numbers stay as they are."),
    ("sent", "We e-mail everyone listed for your company."),
    ("sent", "You do not need to do anything."),
    # Being checked.
    ("reviewing", "Last looked: "),
    ("reviewing", "it cannot be changed or taken back"),
    ("reviewing-slowly", "This is taking longer than usual."),
    ("provisional", "Provisionally approved. The last checks are still running."),
    ("changes", "One document was not accepted. Everything else is fine and stays as it is."),
    ("changes", "The reviewer wrote: “"),
    ("changes-unexplained", "gave no details. Compare each part with your papers"),
    ("changes-third", "Would it help to talk it through?"),
    # The end.
    ("finishing", "Approved. We are updating your registration now."),
    ("finishing", "This usually takes a minute."),
    ("finishing-slowly", "Approved. Updating your registration takes longer than usual."),
    ("done", "Your registration is up to date"),
    ("done", "no longer applies. Your phone numbers did not change."),
    ("expired-open", "This registration expired on"),
    ("expired-open", "The numbers on it may stop working."),
    ("expired-open", "You can still send your update; we will do everything we can to restore it."),
    ("expired-by-hand", "We need to do one step by hand"),
    ("expired-by-hand", "We have been told and will contact you"),
    # What went wrong.
    ("404", "We cannot find that registration"),
    ("404-of-others", "You may not have access to it"),
    ("403", "Only an editor can save and send updates"),
    ("403", "Ask one of:"),
    ("500", "Sorry, there is a problem with the service"),
    ("500", "Whatever you had saved is safe."),
]
