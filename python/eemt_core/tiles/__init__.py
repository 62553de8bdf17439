"""One tile's work as a program: it reads its task's folder and leaves its results there.

`task` and `result` are the data, `contract` the files; everything else computes.
"""
