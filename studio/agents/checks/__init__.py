"""What can be said of an agent without running it."""

import ast

from studio.agents.checks.code import check_handler, check_imports
from studio.agents.checks.files import check_files
from studio.agents.checks.packages import check_packages
from studio.agents.checks.sdk import check_context, check_sdk
from studio.agents.checks.settings import check_settings
from studio.agents.checks.voices import check_voices
from studio.agents.finding import Finding, Level
from studio.agents.project import Project, parse

__all__ = ["Finding", "Level", "check"]


def check(project: Project) -> list[Finding]:
    """All findings of a project, by file and line."""
    findings: set[Finding] = {*check_files(project), *check_settings(project)}
    trees: dict[str, ast.Module] = {}
    for file in project.python_files():
        tree = parse(project.root / file)
        if isinstance(tree, SyntaxError):
            level: Level = "error" if file == project.entry else "warning"
            findings.add(Finding(file, tree.lineno or 1, level, f"The code cannot be read: {tree.msg}.", "syntax"))
            continue
        trees[file] = tree
        if file == project.entry:
            findings.update(check_handler(tree, file))
        findings.update(check_context(tree, file))
        findings.update(check_voices(tree, file))
        for node in ast.walk(tree):
            findings.update(check_imports(node, project.root, file))
            findings.update(check_sdk(node, file))
    findings.update(check_packages(project, trees))
    return sorted(findings)
