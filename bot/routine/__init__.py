"""What a massage is: routines and the handbook, read from YAML.

The package offers `loading.load` and `loading.check`, the data classes in `model`, `durations.spell`, and the
JSON Schema of a routine file in `schema`. It must not depend on sessions, chats, the geometry of the pictures
or a database.
"""
