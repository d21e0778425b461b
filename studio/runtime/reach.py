"""Which hosts a session may talk to by itself: this machine always; others not in virtual time, unless it was allowed."""

from studio.providers.hosts import on_this_machine
from studio.runtime.journal import Journal
from studio.runtime.plan import SessionPlan
from studio.runtime.web import host_of
from studio.sessions.records import SESSION


class Reach:
    """Asked before every request of a session; notes that a virtual session that leaves the machine is not reproducible."""

    def __init__(self, journal: Journal, plan: SessionPlan) -> None:
        self._journal = journal
        self._plan = plan
        self._noted: set[str] = set()

    def refusal(self, url: str) -> str:
        """The reason why the session may not talk to the URL's host, as a clause; "" where it may."""
        if not self._plan.virtual or on_this_machine(url):
            return ""
        if not self._plan.allow_network:
            return f"in virtual time the network ({host_of(url)}) is reached with --allow-network only"
        self.uses("the network")
        return ""

    def uses(self, what: str) -> None:
        """Something of this session answers differently in every run."""
        if self._plan.virtual and what not in self._noted:
            self._noted.add(what)
            self._journal.add(
                SESSION,
                "not_reproducible",
                {"reasons": [what]},
                level="warning",
                message=f"This session is not reproducible: it uses {what}.",
            )
