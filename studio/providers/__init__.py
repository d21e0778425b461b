"""Who speaks, listens and completes: interfaces, manifests, the voice catalogue, the speech cache."""
