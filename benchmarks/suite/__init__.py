"""asv benchmarks of the kernels, one module per family; rates are per core (one thread)."""
