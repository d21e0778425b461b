"""The packages that an agent asks for: read, installed by uv into environments of the studio's cache, kept for reuse."""
