"""Training runs: what starts one, the process that learns, its curves, and what became of its model."""
