"""The name by which the gate knows a question of `probe`; alone, as the gate needs no more."""

PROBE_HOST = "eemt-probe"
"""What our questions name as their host: our manager then knows that no worker was refused."""
