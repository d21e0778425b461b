"""What comes from a provider is looked at before it is played: sound that is none, and silence that lasts."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

from studio.providers.errors import ProviderError
from studio.providers.speech import SpeechChunk

_RATES = range(4000, 192_001)


@asynccontextmanager
async def closing(chunks: AsyncIterator[SpeechChunk]) -> AsyncGenerator[AsyncIterator[SpeechChunk]]:
    """Close what is read within: who stops reading ends the request there and then."""
    try:
        yield chunks
    finally:
        if isinstance(chunks, AsyncGenerator):
            await chunks.aclose()


async def checked(
    chunks: AsyncIterator[SpeechChunk], provider: str, voice: str, text: str = ""
) -> AsyncGenerator[SpeechChunk]:
    """Pass on chunks that are sound. Raises ProviderError `garbage` for others, and for what an adapter did not foresee.

    A `text` with a letter or a digit in it that comes as no sound at all is garbage too.
    """
    silent = any(sign.isalnum() for sign in text)
    try:
        async with closing(chunks):
            async for chunk in chunks:
                if len(chunk.pcm) % 2 or chunk.rate not in _RATES:
                    sentence = f"What came of the voice {voice} is not sound."
                    raise ProviderError(provider, "garbage", sentence)
                silent = silent and not chunk.pcm
                yield chunk
    except ProviderError:
        raise
    except Exception as error:
        sentence = f"The voice {voice} could not speak the line ({type(error).__name__}: {error})."
        raise ProviderError(provider, "garbage", sentence) from error
    if silent:
        raise ProviderError(provider, "garbage", f"No sound came of the voice {voice}.")


async def awaited(
    chunks: AsyncIterator[SpeechChunk], seconds: float, provider: str, voice: str, first_s: float | None = None
) -> AsyncGenerator[SpeechChunk]:
    """Pass chunks on, each awaited for at most `seconds`, the first one for `first_s`.

    Raises ProviderError `stalled` where one takes longer.
    """
    begun = False
    async with closing(chunks):
        while True:
            limit = seconds if begun or first_s is None else first_s
            try:
                async with asyncio.timeout(limit):
                    chunk = await anext(chunks, None)
            except TimeoutError:
                sentence = f"No sound of the voice {voice} came for {limit:g} s."
                raise ProviderError(provider, "stalled", sentence) from None
            if chunk is None:
                return
            begun = True
            yield chunk
