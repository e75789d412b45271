"""All text and buttons that a person sees, and all words that a person hears.

This package offers two functions. `reply.reply` turns effects (what the coach does in response to an event)
into messages as plain data. `track_script.write_track_script` writes the script of a guided track (a whole
massage as one audio file). To add a sentence, see `topics`; to add an answer, see `stroke_answers`,
`massage_answers` or `body_answers`. This package must never send anything, read a file, or decide what
happens next.
"""
