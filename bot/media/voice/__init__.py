"""Record the coach's voice: guided tracks for a whole massage, and voice notes for single messages.

Other packages use `studio`, `catalogue` and `speech`. These modules can be imported even if the packages of
the extra `voice` are not installed; they are needed only for recording. `speech.why_not()` says which package
is missing.
"""
