"""The connection to Telegram: updates come in, messages go out.

Offers `updates.Updates`, `webhook` and `outbox.Outbox`. This package must never decide what the coach says in
a massage: those messages are committed to the database before they are sent from here.
"""
