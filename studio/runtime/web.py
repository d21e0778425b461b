"""HTTP as a session needs it: a sound fetched, a note posted. Bounded in time and size, never on the loop's thread."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException, HTTPMessage, InvalidURL
from typing import IO, Any, override
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from studio.providers.hosts import on_this_machine
from studio.runtime.virtual_time import external, is_virtual

_PIECE = 64 * 1024
_AGENT = {"User-Agent": "VoiceAgentStudio"}

MayReach = Callable[[str], str]
"""Gets a URL; returns "" or the reason why a session may not talk to its host, as a clause."""


class WebError(Exception):
    """A request did not work; `str()` is the clause that says why: "nothing answers at 127.0.0.1:80"."""

    def __init__(self, reason: str, *, status: int = 0, lasting: bool = False) -> None:
        super().__init__(reason)
        self.status = status
        """The HTTP status; 0 where there was no answer."""
        self.lasting = lasting
        """Whether another attempt would end the same."""


def host_of(url: str) -> str:
    """The host of an HTTP(S) URL; "" where it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # a bad one raises
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in ("http", "https") else ""


async def get(url: str, *, most_bytes: int, within_s: float, may_reach: MayReach) -> tuple[bytes, str]:
    """What lies at a URL, and its content type ("" if not told). Follows redirects. Raises WebError."""
    return await _beside(lambda: _get(url, most_bytes, within_s, may_reach), within_s)


async def post_json(url: str, body: Mapping[str, Any], *, within_s: float) -> int:
    """Post a JSON object; returns the status, 200 to 299. Does not follow redirects. Raises WebError."""
    content = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", **_AGENT}
    request = lambda: Request(url, content, headers, method="POST")  # noqa: E731 - made where its errors are caught
    return await _beside(lambda: _post(url, request, within_s), within_s)


async def _beside[T](work: Callable[[], T], within_s: float) -> T:
    """Do it in a thread that nobody waits for longer than told; in virtual time here, with the clock held."""
    if is_virtual():
        async with external():
            return work()
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            value = work()
        except BaseException as error:
            _settle(loop, lambda error=error: done.done() or done.set_exception(error))
        else:
            _settle(loop, lambda: done.done() or done.set_result(value))

    threading.Thread(target=run, name="session's request", daemon=True).start()
    try:
        return await asyncio.wait_for(done, within_s + 1)
    except TimeoutError:
        raise WebError(f"there was no whole answer within {within_s:g} s") from None


def _settle(loop: asyncio.AbstractEventLoop, step: Callable[[], object]) -> None:
    with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
        loop.call_soon_threadsafe(step)


def _get(url: str, most_bytes: int, within_s: float, may_reach: MayReach) -> tuple[bytes, str]:
    deadline = time.monotonic() + within_s
    try:
        with _opener(url, _Redirects(may_reach)).open(Request(url, headers=_AGENT), timeout=within_s) as answer:
            length = str(answer.headers.get("Content-Length") or "")
            if length.isdecimal() and int(length) > most_bytes:
                raise _too_large(most_bytes)
            pieces: list[bytes] = []
            room = most_bytes
            while piece := answer.read1(_PIECE):
                pieces.append(piece)
                room -= len(piece)
                if room < 0:
                    raise _too_large(most_bytes)
                if time.monotonic() > deadline:
                    raise WebError(f"there was no whole answer within {within_s:g} s")
            return b"".join(pieces), str(answer.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
    except (OSError, HTTPException, ValueError) as error:
        raise _told(error, url, within_s) from None


def _post(url: str, request: Callable[[], Request], within_s: float) -> int:
    try:
        with _opener(url).open(request(), timeout=within_s) as answer:
            return int(answer.status)
    except (OSError, HTTPException, ValueError) as error:
        raise _told(error, url, within_s) from None


class _Redirects(HTTPRedirectHandler):
    """Follows redirects to where the session may go."""

    def __init__(self, may_reach: MayReach) -> None:
        self._may_reach = may_reach

    @override
    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        refusal = self._may_reach(newurl) if host_of(newurl) else "that is no HTTP address"
        if refusal:
            fp.close()
            raise WebError(f"it redirects to {newurl}, and {refusal}", lasting=True)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(url: str, *handlers: HTTPRedirectHandler) -> OpenerDirector:
    """Opens HTTP and HTTPS and nothing else; this machine is reached without a proxy."""
    director = OpenerDirector()
    proxy = ProxyHandler({} if on_this_machine(url) else None)
    for handler in (
        proxy,
        HTTPHandler(),
        HTTPSHandler(),
        HTTPDefaultErrorHandler(),
        HTTPErrorProcessor(),
        *handlers,
    ):
        director.add_handler(handler)
    return director


def _too_large(most_bytes: int) -> WebError:
    return WebError(f"it is larger than {most_bytes // 2**20} MB", lasting=True)


def _told(error: Exception, url: str, within_s: float) -> WebError:
    """The clause for what the standard library says, without words of the operating system."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    if isinstance(error, HTTPError):
        with error:
            circle = "redirect" in str(error.reason or "") and 300 <= error.code < 400
        if circle:
            return WebError("it redirects in a circle", status=error.code, lasting=True)
        if 300 <= error.code < 400:
            return WebError(f"{place} redirects to where it is not followed", status=error.code, lasting=True)
        lasting = error.code < 500 and error.code not in (408, 425, 429)
        return WebError(f"{place} answers with {error.code}", status=error.code, lasting=lasting)
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, TimeoutError):
        return WebError(f"there was no whole answer within {within_s:g} s")
    if isinstance(reason, ConnectionRefusedError):
        return WebError(f"nothing answers at {place}")
    if isinstance(reason, OSError) and type(reason).__name__ == "gaierror":
        return WebError(f"there is no host {parts.hostname}")
    if isinstance(reason, OSError) and type(reason).__name__.startswith("SSL"):
        return WebError(f"the connection to {place} is not secure ({type(reason).__name__})")
    if isinstance(reason, ConnectionError | HTTPException) and not isinstance(reason, InvalidURL):
        return WebError(f"{place} broke off the answer")
    if isinstance(reason, OSError):
        return WebError(f"{place} cannot be reached")
    return WebError("the address is not a valid one", lasting=True)
