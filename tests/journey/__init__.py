"""Every page in every state, looked at by judges: accessibility, markup, room, quiet, weight."""
