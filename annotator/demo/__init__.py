"""The demo dataset: pictures that may be given away, and the people who label them."""
