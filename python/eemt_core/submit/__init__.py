"""Work for batch systems: job scripts, and how these are handed to schedulers.

`order` is what is asked for, as plain data; `targets` write it as the text that each batch system
takes, without touching anything; `schedulers` submit such texts, look after jobs and cancel them.
"""
