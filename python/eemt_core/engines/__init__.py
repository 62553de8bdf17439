"""Engines run task folders; the layers above do not know where."""
