"""Batches 積分統計(整批): many people asked about with one file, answered at once or as a job."""
