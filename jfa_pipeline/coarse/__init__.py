"""Providers of coarse labels behind one protocol: packaged models, the Face++ API, a promoted model."""
