"""Every word and every button that a person sees or hears. Pure.

Offers `render.render`, which turns an effect into a message as plain data, and `script.script`, the words of
a guided track. `instructions` and `answers` put their sentences together.
Must never send anything, read a file, or decide what happens next.
"""
