"""Put last on the path of an agent's interpreter; the studio itself imports nothing of it."""
