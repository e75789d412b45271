"""All text and buttons that a person sees, and all words that a person hears.

Offers `reply.reply`, which turns the effects of an event (what the coach does about it) into messages as
plain data, and `track_script.write_track_script`, which writes the script of a guided track (a whole massage
as one audio file). To add a sentence, see `topics`; to add an answer, see `stroke_answers`, `massage_answers`
or `body_answers`. This package must never send anything, read a file, or decide what happens next.
"""
