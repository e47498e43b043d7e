"""The vocabulary every other package speaks: boxes, iBUG-68 landmarks, face labels, policy."""
