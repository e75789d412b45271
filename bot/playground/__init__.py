"""A fake Telegram server (the stand-in), and a chat page to try the coach in a browser.

The stand-in answers the methods of Telegram's Bot API. This package offers `page.playground`, which the
command line starts, and `world.World` and `api.StandIn`, which tests use. No module below the command line
may import it: the coach must not depend on whether it calls Telegram or the stand-in.
"""
