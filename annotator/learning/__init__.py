"""Models at work: pre-labelling jobs and the worker nodes that run them. Only engine.py may import torch."""
