"""What a massage is: routines and the handbook, read from YAML.

Offers `loading.load` and `loading.check`, the data classes in `model`, `durations.spell`, and the JSON Schema
of a routine file in `schema`. Must never know a session, a chat, a picture's geometry or a database.
"""
