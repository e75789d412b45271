"""A stand-in for Telegram's Bot API: a small world of people and chats, with an HTTP face.

Tests and the browser playground use it. Nothing in the bot may import it.
"""
