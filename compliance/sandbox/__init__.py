"""A stand-in for Twilio's Regulatory Compliance API, on a port of its own.

It knows nothing of the portal and nothing of Twilio's library, so that it can disagree with both.
The facts come from Twilio's published OpenAPI document, documentation and error dictionary; where
those are silent there is a switch.
"""

from compliance.sandbox.server import Sandbox

__all__ = ["Sandbox"]
