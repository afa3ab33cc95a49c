"""Forms that are built from what a regulation asks for; none is written for a country."""

from portal.forms.answer import AnswerForm
from portal.forms.controls import Control

__all__ = ["AnswerForm", "Control"]
