"""A run: plan, cut, hand out, verify, place, sum up.

The manager is the only writer of the output folder and prints nothing: what happens it tells to a
`Reporter`. It knows engines by their interface alone.
"""
