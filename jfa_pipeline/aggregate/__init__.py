"""Several people's labels of one face: do two of them agree, and what age do all of them give."""
