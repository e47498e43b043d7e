"""Steps of the construction pipeline that are no model's: merging detections, converting landmarks."""
