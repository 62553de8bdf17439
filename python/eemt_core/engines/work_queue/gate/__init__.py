"""The gate: a proxy on the manager's port, between workers anywhere and the queue."""
