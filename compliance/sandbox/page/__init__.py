"""The sandbox's own page, on which a person plays Twilio's reviewer."""
