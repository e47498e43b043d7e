"""Models at work: pre-labelling jobs and the worker nodes that run them. Only engine/ may import torch."""
