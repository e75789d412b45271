"""A stand-in for Telegram's Bot API, and a chat page to try the coach in a browser.

Offers `page.playground`, which the command line starts, and the stand-in `world.World`, which tests use.
Nothing below the command line may import it: the coach must not know that Telegram is not there.
"""
