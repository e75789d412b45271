"""The state of a chat, and what each event does to that state.

The package offers `transitions.advance(session, event, routine, now)`, which returns the next session and the
effects of the event. `state`, `events` and `effects` contain the data, `places` and `timeline` the order of a
massage. All functions are pure: they use no clock, network or database, and contain no wording.
The package must not depend on how an event arrived or on what a person will read.
"""
