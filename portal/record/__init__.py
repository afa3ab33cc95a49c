"""The record of an update, as a PDF: what was sent, by whom, when, and what came of it.

It carries no document's bytes, only their hashes, by which a file that somebody kept can be
recognized.
"""

from portal.record.contents import Part, Record, has_been_sent, record_of
from portal.record.paper import printed

__all__ = ["Part", "Record", "has_been_sent", "printed", "record_of"]
