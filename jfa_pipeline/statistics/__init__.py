"""Statistics of a dataset and of the work on it."""
