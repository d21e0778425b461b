"""What the files of `.voicerun` say of how an agent is deployed, as far as it concerns a session on the desk."""
