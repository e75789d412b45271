"""A chat bot that coaches a massage, live."""

import os

# python-telegram-bot warns at every 429 until one chooses how it gives the wait; a timedelta is what stays.
os.environ.setdefault("PTB_TIMEDELTA", "true")
