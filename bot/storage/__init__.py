"""What must survive a crash: sessions, messages still to be sent, and the ids of handled updates.

This package offers `store.Store`, on SQLite or PostgreSQL, and `policy`, the rules for messages that are
waiting to be sent. This package must never change a session, send anything, or read the coach's clock:
callers pass the time.
"""
