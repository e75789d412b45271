"""Draw the pictures: for each part of a routine a still image and a loop, and cards and covers.

Must never know Telegram, a session or the time of day: everything is drawn from the routine's data and the
body map. `making` makes the pictures, `gallery` stores them as files.
"""
