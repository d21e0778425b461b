"""Values as the session's store keeps them."""

# pyright: reportUnnecessaryIsInstance=false

from typing import Any

from primfunctions.cache import CachableEntity


def pack(value: Any) -> Any:
    """What the store keeps of a value. Raises TypeError unless it is an entity, a dict or a primitive."""
    if isinstance(value, CachableEntity):
        return value.to_cache()
    if value is None or isinstance(value, dict | str | int | float | bool):
        return value
    raise TypeError(f"The cache keeps entities, dicts and primitives, not {type(value).__name__}.")


def unpack(value: Any, entity_type: type[CachableEntity] | None) -> Any:
    """The value as it was put in. Raises TypeError when it cannot be an `entity_type`."""
    if entity_type is None or value is None:
        return value
    if not (isinstance(entity_type, type) and issubclass(entity_type, CachableEntity)):
        raise TypeError(f"{entity_type!r} is not a CachableEntity.")
    if not isinstance(value, dict):
        raise TypeError(f"What is cached is a {type(value).__name__}, not a {entity_type.__name__}.")
    return entity_type.from_cache(value)
