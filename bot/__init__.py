"""A chat bot that coaches a massage, live."""

import os

__version__ = "0.2.0.dev0"

# python-telegram-bot warns at every 429 until one chooses how it gives the wait; a timedelta is what stays.
os.environ.setdefault("PTB_TIMEDELTA", "true")
# numpy's threads spin while they wait: on a busy machine two of them read a message in 125 ms, one in 22.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
