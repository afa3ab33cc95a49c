"""The operations of Twilio's API: each module one resource, each function one operation."""
