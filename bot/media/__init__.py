"""Make the pictures and recordings that messages carry, in worker processes.

Offers `supply.Supply`, which finds the file of an attachment or has it made; `pictures` draws and `voice`
speaks. Must never know a chat, the network or the database, and never make a file in the bot's own process.
"""
