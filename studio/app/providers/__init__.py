"""Who speaks, listens and answers: keys, tests, addresses, lists, and what the open agent uses of them."""
