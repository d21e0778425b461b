"""Servers on this machine that speak the protocols of the services, for tests and for trying the studio by hand.

`python -m tests.stand_ins` starts all of them and prints the settings and keys with which a studio reaches them.
"""
