"""How far the installer is, told from its lines."""

from studio.agents.environments.progress import UvProgress

LINES = """Using Python 3.13.0 environment at: x
Resolved 17 packages in 490ms
Downloading aiohttp (1.8MiB)
Downloading black (2.0MiB)
   Building srcpkg==1.0
 Downloaded black
      Built srcpkg==1.0
 Downloaded aiohttp
Prepared 7 packages in 32ms
Installed 17 packages in 7ms
 + aiohttp==3.14.5"""


def told() -> list[tuple[float, str]]:
    found: list[tuple[float, str]] = []
    progress = UvProgress(lambda done, sentence: found.append((round(done, 3), sentence)))
    for line in LINES.splitlines():
        progress.line(line)
    return found


def test_what_is_under_way_is_named():
    sentences = [sentence for _, sentence in told()]
    assert sentences[0] == "Found what is needed: 17 packages"
    assert "Downloading aiohttp (1.8 MiB), downloading black (2.0 MiB), building srcpkg==1.0" in sentences
    assert sentences[-2:] == ["Fetched 7 packages, installing all", "Installed 17 packages"]


def test_it_never_goes_back():
    done = [part for part, _ in told()]
    assert done == sorted(done)
    assert done[-1] < 1
