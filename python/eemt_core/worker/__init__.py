"""A worker: what this machine has, how Work Queue's own worker is started, and who watches it.

It knows neither click nor the manager; the command is `eemt_core.cli.worker`.
"""
