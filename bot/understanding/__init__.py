"""Work out what a person's message means, given the current state of the session.

Offers `interpreter.Interpreter.understand(text, session)`, which returns an event. The weights of the models
are loaded from files, once. This package must never change a session, send anything, or write an answer.
"""
