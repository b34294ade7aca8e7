"""The door for programs: the JSON interface under /api/v1/, assembled from each app's `api`."""
