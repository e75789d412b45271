"""A fake Telegram server (the stand-in), and a chat page to try the coach in a browser.

Offers `page.playground`, which the command line starts, and `world.World` and `api.StandIn`, which tests use.
The stand-in answers the methods of Telegram's Bot API. Apart from the command line, no module of the coach
may import this package, because the coach must not depend on whether it calls Telegram or the stand-in.
"""
