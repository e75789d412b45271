"""Record the coach's voice: guided tracks for a whole massage, and voice notes for single messages.

Other packages use `studio`. It can be imported without the extra `voice`, which recording needs;
`speech.why_not` says what is missing.
"""
