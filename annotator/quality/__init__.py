"""How far and how well: progress per person and pass, blocked faces, distributions."""
