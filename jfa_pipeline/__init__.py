"""The face pipeline: shared vocabulary, formats, construction steps, aggregation, metrics, statistics.

Imports numpy, Pillow, OpenCV and pyarrow only; everything here works without Django, Celery or torch.

Coordinates. One continuous frame for boxes and points everywhere (spec models.md, Part 8): pixels of the
upright image, x right, y down, the top-left pixel covers [0, 1] x [0, 1]. Formats that store pixel
indices are converted at the edge (``jfa_pipeline.formats``).
"""
