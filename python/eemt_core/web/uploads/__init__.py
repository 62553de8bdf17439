"""Files from strangers: received in pieces, looked at in a process of its own, kept under ours."""
