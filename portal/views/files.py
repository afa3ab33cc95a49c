"""Takes a file for a task's document as soon as it is chosen, for the page's script.

Says what is wrong with it in a sentence (422), or how it is shown from then on (a list item). It
becomes part of an answer only when the form that names it is saved.
"""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from compliance import answers
from portal.document import FILE, Document, too_many
from portal.files import Unacceptable, looked_at
from portal.views.asked import asked_for
from portal.views.common import SignedIn, editors_only, is_editor, renewal_of


@require_POST
def file(request: SignedIn, reference: str, task_key: str) -> HttpResponse:
    renewal = renewal_of(request, reference)
    if not is_editor(request, renewal):
        return editors_only(request, renewal)
    if token := request.POST.get("remove"):
        answers.discard_staged(renewal, task=task_key, token=token, by=request.user)
        return HttpResponse(status=204)
    asked = asked_for(renewal, task_key)
    wanted = request.GET.get("document", "")
    if asked is None or not any(o.needs_file and o.type == wanted for o in asked.task.options):
        raise Http404
    document = Document(request, renewal, task=task_key, document=wanted)
    uploaded = request.FILES.get(FILE)
    try:
        if uploaded is None:
            raise Unacceptable("again", gettext("The selected file could not be uploaded."))
        staged = document.stage(*looked_at(uploaded))
    except Unacceptable as refusal:
        return _said(str(refusal), status=422)
    except answers.TooMany:
        return _said(str(too_many()), status=422)
    except answers.NotOpen:
        return _said(gettext("There is nothing left to change."), status=409)
    return render(request, "_upload_page.html", {"row": document.row(staged)})


def _said(sentence: str, *, status: int) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
