"""The HTTP interface: each module a group of paths, over the rooms beside it."""
