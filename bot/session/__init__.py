"""The state of a chat, and what each event does to it. Pure: no clock, no network, no database, no wording.

Offers `transitions.advance(session, event, routine, now)`, which returns the next session and its effects.
Must never know how an event arrived or what a person will read.
"""
