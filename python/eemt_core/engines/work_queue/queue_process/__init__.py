"""The program that holds a Work Queue, for whichever Python has Work Queue's module.

It is run as ``python -I FOLDER``, uses the standard library alone and imports nothing else of
ours: the Python that has the module need not be the one that has eemt-core.
"""
