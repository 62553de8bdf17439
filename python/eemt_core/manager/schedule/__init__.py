"""Handing out tiles, and what becomes of them."""
