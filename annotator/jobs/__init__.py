"""Long jobs as rows: state, attempt, heartbeat, progress, cancel flag. Celery messages carry only the id."""
