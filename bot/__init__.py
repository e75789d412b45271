"""A chat bot that coaches a massage, live."""
