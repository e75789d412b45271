"""Every word and every button that a person sees or hears.

Offers `render.render`, which turns an effect into a message as plain data, and
`track_script.write_track_script`, which writes the words of a guided track. To add a sentence, see `topics`;
to add an answer, see `stroke_answers`, `massage_answers` or `body_answers`.
Must never send anything, read a file, or decide what happens next.
"""
