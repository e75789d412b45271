"""Work out what a person's message means, given the current state of the session.

This package offers `interpreter.Interpreter.understand(text, session)`, which returns an event. The two
models that the package uses are loaded from files, once. This package must never change a session, send
anything, or write an answer.
"""
