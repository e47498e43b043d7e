"""Readers and writers of label files. Each converts to and from the continuous pixel frame at its edge."""
