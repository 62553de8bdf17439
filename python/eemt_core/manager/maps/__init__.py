"""From tiles' results to maps."""
