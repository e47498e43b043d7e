"""Training in stages S1-S4: what moves (``stages``), what it learns from (``criterion``), the loop."""
