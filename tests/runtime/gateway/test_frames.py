"""The way into the gateway over the wire of the child."""

import asyncio
from collections.abc import Callable
from typing import Any

from studio.runtime.gateway.frames import ChildRequests
from studio.runtime.gateway.gateway import Gateway
from tests.runtime.gateway.conftest import Desk, body


def served(desk: Desk, act: Callable[[ChildRequests], None], seconds: float = 60.0) -> list[dict[str, Any]]:
    """The frames that went to the child."""
    sent: list[dict[str, Any]] = []

    async def go(gateway: Gateway) -> None:
        requests = ChildRequests(gateway, lambda: 0, lambda frame: sent.append(dict(frame)), lambda run: 3)
        act(requests)
        await asyncio.sleep(seconds)
        await requests.close()

    desk.run(go)
    return sent


def request(id: str = "req-1", task: str = "", service: str = "completions", **fields: Any) -> dict[str, Any]:
    asked = body("hi", **fields)
    return {"type": "request", "request": id, "service": service, "run": "run-1", "task": task, "at": 0, "body": asked}


def slow(desk: Desk) -> Desk:
    return desk.script('first_token_ms = 5000\n[[rule]]\ntext = "Late."')


def test_an_answer_comes_in_pieces_and_says_when_it_is_over(desk: Desk):
    frames = served(desk, lambda requests: requests.take(request(streaming=True)))
    assert [frame["last"] for frame in frames] == [False] * 5 + [True]
    assert {(frame["type"], frame["request"], frame["status"]) for frame in frames} == {("reply", "req-1", 200)}
    assert desk.of("completion_requested")[0].turn == 3


def test_a_refusal_is_the_last_piece(desk: Desk):
    desk.script('[[rule]]\nerror = "bad_key"\nsentence = "No."')
    (frame,) = served(desk, lambda requests: requests.take(request()))
    assert (frame["status"], frame["last"]) == (401, True)
    assert frame["line"] == {"error": "No.", "error_type": "AuthenticationError"}


def test_an_unknown_service_is_told(desk: Desk):
    (frame,) = served(desk, lambda requests: requests.take(request(service="weather")))
    assert (frame["status"], frame["line"]["error"]) == (404, "There is no service 'weather'.")


def cancelled(desk: Desk, act: Callable[[ChildRequests], None]) -> list[str]:
    """Ids of the requests that were cancelled by an act after two seconds."""

    def begin(requests: ChildRequests) -> None:
        requests.take(request("req-1"))
        requests.take(request("req-2", task="later"))
        asyncio.get_running_loop().call_later(2.0, act, requests)

    return [frame["request"] for frame in served(slow(desk), begin) if frame["status"] == 499]


def test_a_cancelled_run_cancels_its_own_requests_but_not_its_background_tasks(desk: Desk):
    assert cancelled(desk, lambda requests: requests.cancel_run("run-1")) == ["req-1"]


def test_the_child_may_call_a_request_back(desk: Desk):
    back = {"type": "request_cancel", "request": "req-2", "at": 0}
    assert cancelled(desk, lambda requests: requests.take(back)) == ["req-2"]


def test_the_end_of_the_session_ends_what_is_left(desk: Desk):
    served(slow(desk), lambda requests: requests.take(request()), seconds=1.0)
    assert desk.of("completion_failed")[0].data["failure"] == "cancelled"
