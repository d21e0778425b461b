"""Sound: streams, devices, echo, voice activity, resampling, telephone band, time-stretch, loudness."""
