"""The engine that hands tasks to Work Queue's workers, by way of a gate and a process."""
