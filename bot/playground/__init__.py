"""A stand-in for Telegram's Bot API, and a chat page to try the coach in a browser.

Offers `page.playground`, which the command line starts, and `world.World` and `api.StandIn`, which tests use.
No module below the command line may import it: the coach must not know whether it talks to Telegram or to the
stand-in.
"""
