"""The coach's voice: one track for a whole massage, and a note for a message.

`studio` is the way in. Making sound needs the extra `voice`. Without it `studio` can still be imported, and
`speech.why_not` says what is missing.
"""
