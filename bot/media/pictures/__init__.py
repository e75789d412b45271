"""What one must see: a part of a routine, and where its giver stands -> a drawing, a still, a loop.

Must never know Telegram, a session or the time of day; all is drawn from the routine's data and one body map.
`making` has the pictures themselves, `gallery` keeps them as files.
"""
