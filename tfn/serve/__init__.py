"""Using a trained network: prediction, calibration, evaluation, export."""
