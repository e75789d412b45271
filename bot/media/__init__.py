"""Make the pictures and recordings that messages carry, in worker processes.

Offers `supply.Supply`, which finds the file of an attachment (a picture or recording that a message carries),
or has a worker process make the file. The subpackage `pictures` draws pictures, and the subpackage `voice`
records speech. The command line uses `pictures.gallery` and `voice.studio` directly. This package must never
access chats, the network or the database, and must never make a file in the bot's own process.
"""
