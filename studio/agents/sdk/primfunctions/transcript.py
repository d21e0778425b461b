"""Working with what was really heard."""


def truncate_to_heard_prefix(text: str, heard: str) -> str:
    """The part of `text` that `heard` covers: whole words, compared without case, punctuation and spacing.

    The result keeps the spelling of `text`, so that it can stand in a prompt in place of the whole.
    """
    wanted = [key for word in heard.split() if (key := _key(word))]
    end = place = 0
    for word in wanted:
        while True:
            start, stop = _next_word(text, place)
            if start == stop:
                return text[:end].rstrip()
            place = stop
            if _key(text[start:stop]):
                break
        if _key(text[start:stop]) != word:
            break
        end = stop
    return text[:end].rstrip()


def _key(word: str) -> str:
    return "".join(c for c in word.casefold() if c.isalnum())


def _next_word(text: str, place: int) -> tuple[int, int]:
    while place < len(text) and text[place].isspace():
        place += 1
    stop = place
    while stop < len(text) and not text[stop].isspace():
        stop += 1
    return place, stop
