"""A stand-in for Telegram's Bot API, and a chat page to try the coach in a browser.

The command line starts `page.playground`; tests use `world.World` and `api.StandIn`. No module below the
command line may import this package: the coach must not know whether it talks to Telegram or to the stand-in.
"""
