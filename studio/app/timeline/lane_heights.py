"""How the lanes share the height there is."""

from dataclasses import dataclass

from studio.app.timeline.lane_table import FOLD_ORDER, Lane

FOLDED = 12
_MOST_WAVE = 110


@dataclass(frozen=True, slots=True)
class Placed:
    """A lane with its top and height in px; `folded` ones have no labels."""

    lane: Lane
    top: int
    height: int
    folded: bool


def place_lanes(lanes: list[Lane], room: int, folded: set[str]) -> list[Placed]:
    """Lay out the lanes from the top of `room` px.

    As drawn where there is room, waves larger where there is more, squeezed and then folded one by one where there is
    less.
    """
    closed = {lane.key for lane in lanes if lane.key in folded}
    for key in ("", *FOLD_ORDER):
        closed |= {key} & {lane.key for lane in lanes}
        least = sum(FOLDED if lane.key in closed else lane.least for lane in lanes)
        if least <= room:
            break
    heights = {lane.key: FOLDED if lane.key in closed else lane.height for lane in lanes}
    missing = sum(heights.values()) - room
    if missing > 0:
        spare = {lane.key: lane.height - lane.least for lane in lanes if lane.key not in closed}
        total = sum(spare.values())
        for key, part in spare.items():
            heights[key] -= min(part, -(-part * missing // total)) if total else 0
    else:
        waves = [lane.key for lane in lanes if lane.kind == "wave" and lane.key not in closed]
        for key in waves:
            heights[key] += min(-missing // len(waves), _MOST_WAVE - heights[key])
    placed: list[Placed] = []
    top = 0
    for lane in lanes:
        placed.append(Placed(lane, top, heights[lane.key], lane.key in closed))
        top += heights[lane.key]
    return placed
