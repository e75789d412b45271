"""Record the coach's voice: guided tracks for a whole massage, and voice notes for single messages.

Other packages use the module `studio`. It can be imported without the packages of the extra `voice`, which
are needed only for recording. `speech.why_not` says what is missing.
"""
