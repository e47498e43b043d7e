"""What the networks learn from: samples, releases, augmentation, loading, and procedural faces."""
