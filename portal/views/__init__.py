"""What customers see. A view fetches what the person may see, binds a form, makes one call into the
domain, and answers. None talks to Twilio: pages read rows, and what is saved goes out later."""
