"""What a person's words mean, here and now. Pure, apart from loading its weights once.

Offers `interpreter.Ear.understand(text, session)`, which returns an event.
Must never change a session, send anything, or word an answer.
"""
