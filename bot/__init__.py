"""A chat bot that coaches a massage, live."""

import os

__version__ = "0.2.0.dev0"

# Without this, python-telegram-bot warns at every 429 that it will give the wait as a timedelta in future.
os.environ.setdefault("PTB_TIMEDELTA", "true")
# numpy's threads use the processor while they wait: on a busy machine, two threads need 125 ms to read a
# message, and one thread needs 22 ms.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
