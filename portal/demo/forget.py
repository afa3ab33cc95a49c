"""Forgets everything that was done in the demo."""

import sys

from portal.demo.place import Trouble, chosen_folder, forget

try:
    forget(chosen_folder())
except Trouble as trouble:
    sys.exit(str(trouble))
print("The demo starts afresh the next time.")
