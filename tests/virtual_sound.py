"""A private sound card for tests: a PulseAudio of its own with a virtual speaker and a virtual microphone.

It has its own folder, socket and cookie, needs neither root nor a desktop, and never meets a sound server that runs
already. Programs find it by the environment of `VirtualSound.env`; ALSA's "pulse" device leads PortAudio there.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

_PROGRAMS = ("pulseaudio", "pactl", "paplay", "parec")
_LEAD_IN_S = 0.1


def missing() -> str:
    """Why there can be no virtual sound card here; "" if there can."""
    absent = [program for program in _PROGRAMS if not shutil.which(program)]
    if absent:
        return f"the virtual sound card needs {', '.join(absent)} (apt install pulseaudio pulseaudio-utils libasound2-plugins)"
    return ""


class VirtualSound:
    """A speaker that can be recorded and a microphone that can be spoken into. Use it with `with`."""

    def __init__(self, echo: bool = False):
        self._echo = echo
        self.folder = Path()
        self.env: dict[str, str] = {}
        """What a program under test needs in its environment."""
        self._daemon: subprocess.Popen[bytes] | None = None
        self._children: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "VirtualSound":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start the daemon and wait until it answers."""
        self.folder = Path(tempfile.mkdtemp(prefix="vsound-"))  # short: a socket's path has at most 107 bytes
        (self.folder / "cookie").write_bytes(os.urandom(256))
        (self.folder / "client.conf").write_text("autospawn = no\nenable-shm = no\n")
        # Without norewinds an idle null sink is two seconds ahead, and a stream opened on it is heard that much later.
        script = f"""
load-module module-native-protocol-unix socket={self.folder}/native auth-cookie={self.folder}/cookie
load-module module-null-sink sink_name=vspk rate=48000 channels=2 norewinds=1
load-module module-null-sink sink_name=vmic_in rate=48000 channels=1 norewinds=1
load-module module-remap-source source_name=vmic master=vmic_in.monitor
set-default-sink vspk
set-default-source vmic
"""
        if self._echo:
            script += "load-module module-loopback source=vspk.monitor sink=vmic_in latency_msec=30 adjust_time=0\n"
        (self.folder / "daemon.pa").write_text(script)
        self.env = {
            "PULSE_SERVER": f"unix:{self.folder}/native",
            "PULSE_COOKIE": f"{self.folder}/cookie",
            "PULSE_CLIENTCONFIG": f"{self.folder}/client.conf",
            "PULSE_SINK": "vspk",
            "PULSE_SOURCE": "vmic",
        }
        own = {
            "PULSE_RUNTIME_PATH": str(self.folder),
            "PULSE_STATE_PATH": str(self.folder),
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
        }
        options = "-n --daemonize=no --exit-idle-time=-1 --use-pid-file=no --disable-shm=yes --high-priority=no"
        options += " --realtime=no --disallow-exit=yes --log-target=stderr --log-level=error"
        with (self.folder / "log").open("wb") as log:
            self._daemon = subprocess.Popen(
                ["pulseaudio", "-F", str(self.folder / "daemon.pa"), *options.split()],
                env={**os.environ, **self.env, **own},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for _ in range(100):
            listed = self._run("pactl", "list", "short", "sources", check=False)
            if b"\tvmic\t" in listed.stdout:
                return
            if self._daemon.poll() is not None:
                break
            time.sleep(0.05)
        log_text = (self.folder / "log").read_text()
        self.stop()
        raise RuntimeError(f"The virtual sound card did not start: {log_text}")

    def stop(self) -> None:
        """End the daemon and everything that speaks or records; idempotent."""
        for child in self._children:
            if child.poll() is None:
                child.kill()
            child.wait()
        self._children.clear()
        self.kill_daemon()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill_daemon(self) -> None:
        """The sound service dies, as seen by a program that uses it."""
        if self._daemon:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon = None

    def say(self, wav: Path, wait: bool = True) -> subprocess.Popen[bytes]:
        """Speak a WAV into the microphone."""
        child = self._start("paplay", "--device=vmic_in", "--latency-msec=20", str(wav))
        if wait:
            assert child.wait(timeout=120) == 0
        return child

    def record(self, wav: Path) -> subprocess.Popen[bytes]:
        """Begin to record what the speaker plays, mono at 48 kHz; end it with `end_record`."""
        options = "--device=vspk.monitor --rate=48000 --channels=1 --format=s16le --latency-msec=20 --file-format=wav"
        child = self._start("parec", *options.split(), str(wav))
        time.sleep(_LEAD_IN_S)  # parec says nothing when it is ready
        return child

    def end_record(self, child: subprocess.Popen[bytes]) -> None:
        """End a recording; the file is complete afterwards."""
        child.send_signal(signal.SIGINT)
        child.wait(timeout=10)

    def capture(self, seconds: float, wav: Path) -> None:
        """Record what the speaker plays for so long."""
        child = self.record(wav)
        time.sleep(seconds)
        self.end_record(child)

    def _run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(command, env={**os.environ, **self.env}, capture_output=True, timeout=10, check=check)

    def _start(self, *command: str) -> subprocess.Popen[bytes]:
        child = subprocess.Popen(command, env={**os.environ, **self.env}, stdin=subprocess.DEVNULL)
        self._children.append(child)
        return child
