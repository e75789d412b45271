"""What a massage is: routines and the handbook, read from YAML.

Offers `loading.load` and `loading.check`, the data classes in `model`, and `durations.spell`.
Must never know a session, a chat, a picture's geometry or a database.
"""
