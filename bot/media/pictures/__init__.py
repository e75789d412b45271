"""Draw all pictures: a still image and a loop (an animation) for each part of a routine, cards and covers.

The module `making` makes the pictures, and `gallery` stores them as files. This package must not depend on
Telegram, on a session or on the time of day. The routine's data and the body map (the geometry of the back)
are all that it needs for drawing.
"""
