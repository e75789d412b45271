"""Find out what a person's message means, given where the session is. Weights are loaded from files once.

Offers `interpreter.Interpreter.understand(text, session)`, which returns an event.
Must never change a session, send anything, or word an answer.
"""
