"""Several processes that answer at once, each on cores of its own: which of the ways to fill a machine is the best."""
