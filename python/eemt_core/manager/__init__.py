"""A run: plan, cut tiles, schedule, verify, write maps, summarise.

The manager is the only writer of the output folder and prints nothing: what happens it tells to a
`Reporter`. It knows engines by their interface alone.
"""
