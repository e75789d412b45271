"""The coach's voice: one track for a whole massage, and a note for a message.

`bot.voice.studio` is the way in. What makes sound needs the extra `voice`; without it `studio` can still be
imported, and `studio.why_not` says what is missing.
"""
