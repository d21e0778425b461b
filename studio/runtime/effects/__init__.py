"""What the handler's output events do: one module per kind of effect, each an `Effect`."""
