"""`studio new`: an agent from a template."""

import sys

from studio.agents.create import create_agent
from studio.agents.project import ProjectError


def new(name: str, template: str) -> int:
    """Make the agent in the user's agents folder and print where it is. Returns 0, or 2 with a sentence."""
    try:
        project = create_agent(name, template)
    except ProjectError as error:
        print(f"studio new: {error}", file=sys.stderr)
        return 2
    print(project.path)
    return 0
