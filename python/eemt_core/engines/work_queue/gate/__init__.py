"""The gate: what stands on the manager's port, between workers anywhere and the queue."""
