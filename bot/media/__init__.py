"""Pictures and voice: what messages carry, and the workers that make it.

Offers `supply.Supply`, which finds files and has missing ones made; `pictures` draws and `voice` speaks.
Must never know a chat, the network or the database, and never make anything in the coach's own process.
"""
