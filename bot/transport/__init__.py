"""The connection to Telegram, which receives updates and sends messages.

Offers `updates.Updates`, `webhook` and `outbox.Outbox`. This package must not decide what the coach says in a
massage: other packages write those messages to the database, and this package only sends them.
"""
