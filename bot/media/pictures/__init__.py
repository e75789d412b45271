"""Draw all pictures: a still image and a loop (an animation) for each part of a routine, cards and covers.

`making` makes the pictures, and `gallery` stores them as files. This package must not depend on Telegram, on
a session or on the time of day: everything is drawn from the routine's data and the body map.
"""
