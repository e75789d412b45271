"""What must survive a crash: sessions, messages still to be sent, updates already handled.

Offers `store.Store`, the same on SQLite and PostgreSQL.
Must never know what a session means, send anything, or read a clock.
"""
