"""One conversation: session, listening, speaking, playout, timers, channels, virtual time, scenario, replay."""
