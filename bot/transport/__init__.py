"""The connection to Telegram: updates come in, messages go out.

Offers `updates.Updates`, `webhook` and `outbox.Outbox`.
Must never decide what a person is told: what is sent here has been committed to the database before.
"""
