"""VoiceRun's speech API over HTTP: voices by name, and sound that is generated first and fetched then."""

import asyncio
import difflib
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from studio.providers.accounts import Account
from studio.providers.connections import http_options
from studio.providers.errors import Failure, ProviderError
from studio.providers.failures import failed, failure_of, failure_of_status, retry_after_of
from studio.providers.hosts import on_this_machine

_LISTS = ("/v1/publicVoices", "/v1/voices")
_PAGE = 100
_MOST_PAGES = 50
_LARGEST_SOUND = 64 * 1024 * 1024
_MOST_REDIRECTS = 3
_QUALITY = "high"


class VoiceRunApi:
    """Asks the API with an account's key. Raises ProviderError and nothing else."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._url = httpx.URL(account["url"].rstrip("/"))
        self._client = httpx.AsyncClient(timeout=httpx.Timeout(60.0, connect=5.0), **http_options(account["url"]))
        self._voices: Sequence[Mapping[str, Any]] = ()
        self._listing = asyncio.Lock()

    async def check(self) -> None:
        """Ask for one voice of the account's own, which costs nothing."""
        await self._ask("GET", _LISTS[1], params={"limit": 1, "offset": 0})

    async def voices(self) -> Sequence[Mapping[str, Any]]:
        """The public voices and the account's own, read anew: `id`, `name`, and whatever else the service says."""
        async with self._listing:
            self._voices = [row for path in _LISTS for row in await self._list(path)]
            return self._voices

    async def voice_id(self, voice: str) -> str:
        """The id of a voice of that id or name, whatever the case. The lists are read where they do not have it."""
        known = self._voices
        found = _found(known, voice)
        if found is None:
            async with self._listing:
                fresh = self._voices is not known  # by somebody else who waited for them
            known = self._voices if fresh else await self.voices()
            found = _found(known, voice)
        if found is None:
            names = {str(row.get("name", "")).casefold(): str(row.get("name", "")) for row in known}
            near = [names[name] for name in difflib.get_close_matches(voice.casefold(), names, n=3, cutoff=0.4)]
            error = self._failed("unknown_voice", what=voice)
            alike = f" Names that look alike: {', '.join(near)}." if near else ""
            raise ProviderError(error.provider, error.failure, f"{error}{alike}")
        return found

    async def generate(self, voice_id: str, text: str, notes: str = "") -> bytes:
        """A sound file, of a format that its content tells."""
        asked = {"voiceId": voice_id, "text": text, "quality": _QUALITY} | ({"notes": notes} if notes else {})
        answer = await self._ask("POST", "/v1/generations", json=asked, voice=voice_id)
        data = answer.get("data") if isinstance(answer, Mapping) else None
        address = data.get("audioUrl") if isinstance(data, Mapping) else None
        if not isinstance(address, str) or not address:
            raise self._failed("garbage", reason="the answer names no sound")
        return await self._fetch(address)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def _list(self, path: str) -> Sequence[Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for _ in range(_MOST_PAGES):
            answer = await self._ask("GET", path, params={"limit": _PAGE, "offset": len(found)})
            rows = answer.get("data") if isinstance(answer, Mapping) else answer
            if not isinstance(rows, list):
                raise self._failed("garbage", reason="the list of voices is none")
            fresh = {str(row["id"]): row for row in rows if isinstance(row, Mapping) and row.get("id")}
            if not fresh.keys() - found.keys():  # the service may give shorter pages than it was asked for
                break
            found |= fresh
        return list(found.values())

    async def _ask(self, method: str, path: str, *, voice: str = "", **more: Any) -> Any:
        try:
            response = await self._client.request(
                method, f"{self._url}{path}", headers={"Authorization": f"Bearer {self._account.key}"}, **more
            )
            response.raise_for_status()
            return response.json()
        except Exception as error:
            raise self._translated(error, voice) from None

    async def _fetch(self, address: str) -> bytes:
        """Fetch the sound, from whatever host. Only the API's own is shown the key."""
        try:
            url = httpx.URL(address)
            for _ in range(_MOST_REDIRECTS + 1):
                if not self._may_fetch(url):
                    raise self._failed("garbage", reason="the address of the sound is not safe (https)")
                own = (url.scheme, url.host, url.port) == (self._url.scheme, self._url.host, self._url.port)
                headers = {"Authorization": f"Bearer {self._account.key}"} if own else {}
                async with self._client.stream("GET", url, headers=headers) as response:
                    if response.next_request is not None:
                        url = response.next_request.url
                        continue
                    if response.is_error:  # of a store of files, most likely: it says nothing about the key
                        raise self._failed("dropped", reason=f"the sound is not there ({response.status_code})")
                    return await self._read(response)
        except ProviderError:
            raise
        except Exception as error:
            raise self._failed(failure_of(error, begun=True)) from None
        raise self._failed("garbage", reason="the address of the sound leads in circles")

    async def _read(self, response: httpx.Response) -> bytes:
        sound = bytearray()
        async for piece in response.aiter_bytes():
            sound += piece
            if len(sound) > _LARGEST_SOUND:
                raise self._failed("garbage", reason=f"the sound is larger than {_LARGEST_SOUND >> 20} MB")
        return bytes(sound)

    def _may_fetch(self, url: httpx.URL) -> bool:
        """Plain HTTP reaches this machine only, and only where the API is on it too."""
        return url.scheme == "https" or (
            url.scheme == "http" and on_this_machine(str(url)) and on_this_machine(str(self._url))
        )

    def _translated(self, error: Exception, voice: str = "") -> ProviderError:
        if not isinstance(error, httpx.HTTPStatusError):
            return self._failed(failure_of(error))
        response = error.response
        reason = _said(response)
        failure = failure_of_status(response.status_code, not_found="unknown_voice" if voice else "refused")
        if "voice not found" in reason.casefold() and voice:
            failure = "unknown_voice"
        elif "insufficient balance" in reason.casefold():
            failure = "limit"
        return self._failed(failure, what=voice, reason=reason, retry_after_s=retry_after_of(error))

    def _failed(
        self, failure: Failure, *, what: str = "", reason: str = "", retry_after_s: float | None = None
    ) -> ProviderError:
        account = self._account
        return failed(
            account.provider,
            account.title,
            failure,
            what=what,
            reason=reason,
            retry_after_s=retry_after_s,
            secret=account.key,
        )


def _found(voices: Sequence[Mapping[str, Any]], voice: str) -> str | None:
    wanted = voice.casefold()
    ids = (str(row["id"]) for row in voices if voice == row["id"])
    names = (str(row["id"]) for row in voices if wanted == str(row.get("name", "")).casefold())
    return next(ids, None) or next(names, None)


def _said(response: httpx.Response) -> str:
    """What the service says of its refusal: `{"error": ..., "status": ...}`."""
    try:
        body = response.json()
    except (ValueError, httpx.ResponseNotRead):
        return ""
    return str(body.get("error") or body.get("message") or "") if isinstance(body, dict) else ""
