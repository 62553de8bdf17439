"""Engines execute task folders; nobody above them knows where."""
