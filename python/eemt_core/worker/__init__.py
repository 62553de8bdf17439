"""A worker: its settings, and how Work Queue's own worker is started and supervised.

It knows neither click nor the manager; the command is `eemt_core.cli.worker`.
"""
