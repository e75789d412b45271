"""The edge to Telegram: updates in, messages out.

Offers `updates.Updates`, `webhook` and `outbox.Outbox`.
Must never decide what a person is told: that is committed before anything here sees it.
"""
