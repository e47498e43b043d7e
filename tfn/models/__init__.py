"""The boxes of the paper's figure, one file each; ``network.py`` puts them together."""
