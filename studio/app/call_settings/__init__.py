"""The thresholds of a call, to be changed while it runs: a table, its values, and the window that shows them."""
