"""Ignore files read as git reads them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from studio.packages.ignore import IgnoreRules

PATHS = [
    *(
        "a.py",
        "a.txt",
        "b.py",
        "data/a.txt",
        "data/deep/a.txt",
        "data/deep/b.csv",
        "build/a.py",
        "sub/build/x",
        "sub/build.py",
    ),
    *(
        "notes/a.md",
        "notes/keep.md",
        "x1",
        "x2",
        "xy",
        "#odd",
        "!odd",
        "with space",
        "docs/a/b/c.md",
        "[x]",
        "dot.py.bak",
    ),
]
RULES = [
    *(
        ["*.txt"],
        ["/a.txt"],
        ["data/"],
        ["data/*"],
        ["data/**"],
        ["**/a.txt"],
        ["data/**/b.csv"],
        ["build"],
        ["build/"],
    ),
    *(
        ["notes/*", "!notes/keep.md"],
        ["notes/", "!notes/keep.md"],
        ["x[0-9]"],
        ["x[!1]"],
        ["x?"],
        ["?1"],
        ["# comment"],
    ),
    *(["\\#odd"], ["\\!odd"], ["with space  "], ["docs/**/c.md"], ["docs/*/c.md"], ["*", "!*.py"], ["\\[x\\]"], [""]),
    *(["*.py", "!b.py", "b*"], ["deep"], ["/deep"], ["data/deep/"], ["sub/build"], ["*.p*"], ["x[z-a]"]),
]


@pytest.mark.parametrize("lines", RULES, ids=" | ".join)
def test_the_rules_leave_out_what_git_leaves_out(lines: list[str], tmp_path: Path):
    if not shutil.which("git"):
        pytest.skip("git is the judge here")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    (tmp_path / ".gitignore").write_text("\n".join(lines), "utf-8")
    asked = subprocess.run(
        ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin"],
        cwd=tmp_path,
        input="\n".join(PATHS),
        capture_output=True,
        text=True,
        check=False,
    )
    rules = IgnoreRules(lines)
    assert [path for path in PATHS if rules.leaves_out(path)] == asked.stdout.splitlines()
