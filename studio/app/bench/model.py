"""What stands on the bench, and what has been spoken of it. Knows no widget."""

import asyncio
import random
from collections.abc import Callable, Sequence
from typing import Any

from studio.app.bench.blind import BlindTrial, Contender
from studio.app.bench.clip import Cell, Clip, Key
from studio.app.bench.player import ClipPlayer
from studio.app.bench.votes import Vote, VoteBook
from studio.app.call.model import CallModel, Spawn
from studio.app.editor.speech_call import Delivery, SpokenLine
from studio.app.observable import Changed
from studio.app.voices.model import VoiceRow, VoicesModel
from studio.app.window.memory import Memory
from studio.providers.casting.lanes import Lanes
from studio.providers.casting.pace import realised, words_in
from studio.providers.casting.spelling import spelt
from studio.providers.speeds import LISTED_SPEEDS

SAMPLE = "Good morning, this is the front desk. How can I help?"
USUAL_SPEEDS = (0.75, 1.0, 1.25, 1.5, 2.0)
MOST_VOICES = 24
_USUAL_WPM = 160


class BenchModel:
    """Voices x speeds of one text.

    `changed`: voices, speeds, text or what can be done. `cell_changed`: one cell, gets its key. `pictured`: the
    spectrogram of the selected one is there. `failed`: a sentence to say.
    """

    def __init__(
        self, call: CallModel, voices: VoicesModel, memory: Memory, votes: VoteBook, spawn: Spawn, begin: Spawn
    ) -> None:
        """`begin` starts work that must not wait for the window to be painted: a key is to be heard at once."""
        self._call = call
        self._voices = voices
        self._memory = memory
        self._votes = votes
        self._kept_votes: tuple[str, list[Vote]] | None = None
        self._spawn = spawn
        self._begin = begin
        self._lanes = Lanes()
        self._tasks: dict[Key, asyncio.Task[None]] = {}
        self._connected = call.phase != "off"
        self.text: str = memory.get("bench", "text", SAMPLE)
        self.instructions: str = memory.get("bench", "instructions", "")
        self.language: str = memory.get("bench", "language", "")
        self.source = ""
        """Where the text was picked from, e.g. `line 14 of handler.py`; "" where it was typed."""
        self.keys: list[str] = [key for key in memory.get("bench", "voices", []) if isinstance(key, str)]
        kept = [speed for speed in memory.get("bench", "speeds", list(USUAL_SPEEDS)) if speed in LISTED_SPEEDS]
        self.speeds: list[float] = sorted({*kept, 1.0})
        self.cells: dict[Key, Cell] = {}
        self.selected: Key | None = None
        self.picture: tuple[Key, dict[str, Any]] | None = None
        self.batch = 0
        """Clips that were asked for since the bench was last at rest."""
        self.changed = Changed()
        self.cell_changed = Changed()
        self.pictured = Changed()
        self.failed = Changed()
        self.player = ClipPlayer(call, spawn, phone=memory.get("bench", "phone", False))
        self.player.looked.connect(self.changed)
        self.player.failed.connect(self.failed)
        call.changed.connect(self._call_changed)
        call.clip_grew.connect(self._grew)
        voices.changed.connect(self._voices_changed)
        self._make_cells()

    # ---- what stands on it

    @property
    def rows(self) -> list[VoiceRow]:
        """The voices, from top to bottom."""
        return [row for key in self.keys if (row := self._voices.row(key))]

    def cells_of(self, row: VoiceRow) -> list[Cell]:
        """The voice's cells: one for each speed, or one at 1.0 where it has no speed control."""
        speeds = self.speeds if row.speech.speed else [1.0]
        return [self.cells[row.voice.key, speed] for speed in speeds]

    def toggle(self, key: str) -> None:
        """Put a voice on the bench, or take it away."""
        if key in self.keys:
            self.keys.remove(key)
        elif len(self.keys) < MOST_VOICES:
            self.keys.append(key)
        else:
            self.failed(f"The bench has room for {MOST_VOICES} voices. Take one away first.")
            return
        self._arrange()

    def set_speed(self, speed: float, on: bool) -> None:
        """Show a column, or hide it. 1.0 stays: the others are measured against it."""
        if speed != 1.0:
            self.speeds = sorted({*self.speeds, speed} if on else set(self.speeds) - {speed})
            self._arrange()

    def set_line(self, text: str, instructions: str, language: str, source: str = "") -> None:
        """Let all voices say this; what was spoken of another text goes."""
        if (text, instructions, language) == (self.text, self.instructions, self.language):
            return
        self.text, self.instructions, self.language, self.source = text, instructions, language, source
        self._forget()
        self._remember()
        self.changed()

    def use_line(self, file: str, line: SpokenLine) -> None:
        """Take a line of an agent's handler."""
        self.set_line(line.text, line.instructions, line.language, f"line {line.line} of {file}")

    def select(self, key: Key | None) -> None:
        """Another cell is looked at."""
        if key != self.selected:
            self.selected = key
            self._show_picture()
            self.changed()

    @property
    def cell(self) -> Cell | None:
        """The one that is looked at."""
        return self.cells.get(self.selected) if self.selected else None

    def use_phone(self, on: bool) -> None:
        """Hear everything as through a telephone, or as it is."""
        self.player.phone = on
        self._remember()
        self.changed()
        clips = [cell.clip.id for cell in self.cells.values() if cell.clip]
        if on and clips and not self._call.why_silent:
            self._call.order("prepare_phone", clips=clips)
        self._show_picture()

    # ---- speaking

    @property
    def why_silent(self) -> str:
        """Why nothing can be spoken now; "" where it can."""
        return self._call.why_silent or ("" if self.text.strip() else "Write a text to speak.")

    @property
    def busy(self) -> int:
        """Clips that are still to come."""
        return sum(cell.state in ("waiting", "coming") for cell in self.cells.values())

    @property
    def failed_cells(self) -> int:
        """Clips that could not be spoken."""
        return sum(cell.state == "failed" for cell in self.cells.values())

    @property
    def missing(self) -> list[Cell]:
        """Cells without a clip that nobody is speaking."""
        return [cell for row in self.rows for cell in self.cells_of(row) if cell.state in ("empty", "failed")]

    @property
    def ready(self) -> list[Cell]:
        """Cells that can be heard, row by row."""
        return [cell for row in self.rows for cell in self.cells_of(row) if cell.state == "ready"]

    def speak_missing(self) -> None:
        """Have everything spoken that is not there yet."""
        self._speak(self.missing)

    def speak_anew(self) -> None:
        """Have everything spoken again by the services, to measure them."""
        self._speak([cell for row in self.rows for cell in self.cells_of(row)], fresh=True)

    def try_again(self, key: Key) -> None:
        """Have one cell spoken again."""
        self._speak([self.cells[key]])

    def cancel(self) -> None:
        """Give up what is still to come."""
        tasks, self._tasks = self._tasks, {}
        for key, task in tasks.items():
            task.cancel()
            if cell := self.cells.get(key):
                cell.state = "ready" if cell.clip else "empty"
                self.cell_changed(key)
        self.changed()

    def _speak(self, cells: Sequence[Cell], *, fresh: bool = False) -> None:
        if sentence := self.why_silent:
            self.failed(sentence)
            return
        if not self.busy:
            self.batch = 0
        # the clips at 1.0 come first: the others are measured against them
        for cell in sorted(cells, key=lambda cell: cell.speed != 1.0):
            if cell.key not in self._tasks:
                self.batch += 1
                cell.state, cell.problem, cell.come_s = "waiting", "", 0.0
                self._tasks[cell.key] = self._spawn(self._cast(cell, fresh), f"speak with {cell.voice.name}")
                self.cell_changed(cell.key)
        self.changed()

    async def _cast(self, cell: Cell, fresh: bool) -> None:
        casting = self._voices.catalogue.cast(_spec(cell), cell.speed, language=self.language)
        try:
            async with self._lanes.of(casting.speaks.provider):
                cell.state, cell.expected_s = "coming", self._expected(cell)
                self.cell_changed(cell.key)
                answer = await self._call.ask(
                    "cast_clip",
                    text=self.text.strip(),
                    voice=_spec(cell),
                    speed=cell.speed,
                    language=self.language.strip(),
                    instructions=self.instructions.strip(),
                    cell=_name(cell.key),
                    fresh=fresh,
                )
                cell.clip, cell.state = Clip.of(answer), "ready"
        except Exception as error:  # the engine's sentence is for the person
            cell.clip, cell.state, cell.problem = None, "failed", str(error)
        if self._tasks.get(cell.key) is asyncio.current_task():
            del self._tasks[cell.key]
        if self.cells.get(cell.key) is not cell:
            return  # the bench has moved on
        self._compare(cell)
        self.cell_changed(cell.key)
        self.changed()
        if cell.key == self.selected:
            self._show_picture()

    def _expected(self, cell: Cell) -> float:
        usual = self.cells.get((cell.voice.key, 1.0))
        seconds = usual.clip.seconds if usual and usual.clip else words_in(self.text) / _USUAL_WPM * 60
        return seconds / cell.speed

    def _grew(self, name: str, seconds: float) -> None:
        for cell in self.cells.values():
            if cell.state == "coming" and _name(cell.key) == name:
                cell.come_s = seconds
                self.cell_changed(cell.key)

    def _compare(self, cell: Cell) -> None:
        """The speeds of a voice's clips, against its clip at 1.0."""
        usual = self.cells.get((cell.voice.key, 1.0))
        for other in self.cells.values():
            if other.voice.key == cell.voice.key:
                both = other.clip and usual and usual.clip and other.clip.voice == usual.clip.voice
                other.realised = realised(other.clip.spoken_s, usual.clip.spoken_s) if both else None  # type: ignore[union-attr]
                if other is not cell:
                    self.cell_changed(other.key)

    # ---- hearing

    def hear(self, key: Key) -> None:
        """Play a cell; one that is not there yet is spoken first."""
        cell = self.cells[key]
        if sentence := self.why_silent:
            self.failed(sentence)
            return
        self._begin(self._hear(cell, self.player.wish()), "play a clip")

    async def _hear(self, cell: Cell, wish: int) -> None:
        if cell.clip and await self.player.play(cell.clip.id, cell.key, wish):
            return
        self._speak([cell])
        if task := self._tasks.get(cell.key):
            await asyncio.wait({task})
        if cell.clip and self.player.wished(wish):
            await self.player.play(cell.clip.id, cell.key, wish)

    def play_example(self, row: VoiceRow, text: str) -> None:
        """What a voice sounds like, whatever stands on the bench."""
        if sentence := self._call.why_silent:
            self.failed(sentence)
            return
        self._spawn(self._example(row, text, self.player.wish()), f"play {row.voice.name}")

    async def _example(self, row: VoiceRow, text: str, wish: int) -> None:
        spec = {"provider": row.voice.provider, "identifier": row.voice.name}
        try:
            answer = await self._call.ask("example", voice=spec, text=text)
            self._voices.know_examples(await self._call.ask("kept_examples"))
        except Exception as error:
            self.failed(str(error))
            return
        if self.player.wished(wish):
            await self.player.play(answer["clip"], (f"example {row.voice.key}", 1.0), wish)

    def look_for_examples(self) -> None:
        """Which voices can be heard without their services."""

        async def look() -> None:
            try:
                self._voices.know_examples(await self._call.ask("kept_examples"))
            except Exception:
                return  # they are asked for again with the next one that is played

        if self._call.phase != "off":
            self._spawn(look(), "look for examples")

    def _show_picture(self) -> None:
        cell = self.cell
        if cell is None or cell.clip is None or self._call.phase == "off":
            self.picture = None
            self.pictured()
            return
        self._spawn(self._fetch_picture(cell.key, cell.clip.id), "draw a spectrogram")

    async def _fetch_picture(self, key: Key, clip: str) -> None:
        try:
            picture = await self._call.ask("clip_picture", clip=clip, phone=self.player.phone)
        except Exception:
            return  # the clip went with its engine, and so will the cell
        if key == self.selected:
            self.picture = (key, picture)
            self.pictured()

    # ---- what comes of it

    def delivery(self, cell: Cell) -> Delivery:
        """How a cell's voice, speed and instructions are written into a handler."""
        row = self._voices.row(cell.voice.key)
        speaks = self.instructions.strip() if row and row.speech.instructions else ""
        return Delivery(spelt(self._voices.catalogue, cell.voice), cell.speed, speaks)

    def contenders(self) -> list[Contender]:
        """What a blind comparison would compare: each voice's own clip at the speed that is looked at."""
        return [
            Contender(_name(cell.key), cell.voice.name, cell.clip.id)
            for cell in self.ready
            if cell.speed == self._speed and cell.clip and not cell.clip.stands_in
        ]

    def left_out(self) -> str:
        """Which voices a blind comparison would pass over, and why, in a sentence; "" for none."""
        reasons: list[str] = []
        for row in self.rows:
            cell = self.cells.get((row.voice.key, self._speed))
            if reason := cell.why_no_contender if cell else "no speed control":
                reasons.append(f"{row.voice.name} ({reason})")
        return f"Left out: {', '.join(reasons)}" if reasons else ""

    @property
    def _speed(self) -> float:
        """The one that is looked at."""
        return self.selected[1] if self.selected else 1.0

    def blind(self) -> BlindTrial:
        """Begin a blind comparison."""
        return BlindTrial(self.text.strip(), self.contenders(), random.Random(), self.left_out())

    def hear_contender(self, contender: Contender) -> None:
        """Play a clip without telling whose it is."""
        self._begin(self._hear_contender(contender, self.player.wish()), "play a clip")

    async def _hear_contender(self, contender: Contender, wish: int) -> None:
        if not await self.player.play(contender.clip, ("blind", 1.0), wish):
            self.failed("That clip is not kept any more. Leave the comparison and play the clips once more.")

    def keep_vote(self, vote: Vote) -> None:
        """Keep a vote of a blind comparison."""
        self._kept_votes = None
        if sentence := self._votes.add(vote):
            self.failed(sentence)
        self.changed()

    def won(self) -> dict[Key, str]:
        """What the kept votes on this text say of each cell: `won 3 of 4`."""
        text = self.text.strip()
        if self._kept_votes is None or self._kept_votes[0] != text:
            self._kept_votes = text, self._votes.of(text)
        votes = self._kept_votes[1]
        found: dict[Key, str] = {}
        for key in self.cells:
            mine = [vote for vote in votes if _name(key) in (vote.first, vote.second)]
            wins = sum(vote.winner != 0 and (vote.first, vote.second)[vote.winner - 1] == _name(key) for vote in mine)
            if mine:
                found[key] = f"won {wins} of {len(mine)}"
        return found

    @property
    def shown(self) -> object:
        """What a casting sheet tells: equal as long as another would say the same."""
        cells = [(cell.key, cell.clip, cell.problem, cell.realised) for row in self.rows for cell in self.cells_of(row)]
        return self.text.strip(), self.instructions.strip(), self.source, self.player.phone, cells, self.won()

    def export(self, folder: str, done: Callable[[str], None]) -> None:
        """Write everything that stands on the bench; `done` gets the page."""
        won = self.won()
        rows: list[dict[str, Any]] = []
        for row in self.rows:
            for cell in self.cells_of(row):
                if cell.state in ("ready", "failed"):
                    rows.append(_sheet_row(row, cell, won.get(cell.key, "")))
        about = [
            f"Instructions: {self.instructions.strip()}" if self.instructions.strip() else "",
            self.source and self.source[0].upper() + self.source[1:],
            "All clips have a loudness of -23 LUFS.",
            "Heard as through a telephone." if self.player.phone else "",
        ]

        async def work() -> None:
            try:
                answer = await self._call.ask(
                    "export_clips",
                    folder=folder,
                    text=self.text.strip(),
                    rows=rows,
                    about=about,
                    phone=self.player.phone,
                )
            except Exception as error:
                self.failed(str(error))
                return
            done(answer["page"])

        self._spawn(work(), "write the casting sheet")

    # ---- what changes around it

    def _arrange(self) -> None:
        self._make_cells()
        self._remember()
        self.changed()

    def _make_cells(self) -> None:
        wanted: dict[Key, Cell] = {}
        for row in self.rows:
            for speed in self.speeds if row.speech.speed else [1.0]:
                key = row.voice.key, speed
                wanted[key] = self.cells.get(key) or Cell(row.voice, speed)
        for key, task in list(self._tasks.items()):
            if key not in wanted:
                task.cancel()
                del self._tasks[key]
        self.cells = wanted
        if self.selected not in wanted:
            self.selected = next((key for key in wanted if key[1] == 1.0), None)
            self._show_picture()

    def _forget(self) -> None:
        """No clip is of what stands there now."""
        self.cancel()
        self.cells = {key: Cell(cell.voice, cell.speed) for key, cell in self.cells.items()}
        self.picture = None

    def _voices_changed(self) -> None:
        """Somebody may speak now who could not before; what a stand-in said is no longer it."""
        for cell in self.cells.values():
            row = self._voices.row(cell.voice.key)
            if cell.clip and row and cell.clip.stands_in and not row.reason and not row.ends:
                cell.clip, cell.state, cell.realised = None, "empty", None
        self.changed()

    def _call_changed(self) -> None:
        connected = self._call.phase != "off"
        if connected != self._connected:
            self._connected = connected
            self._forget()  # the clips are the engine's
        self.changed()

    def _remember(self) -> None:
        for name in ("text", "instructions", "language"):
            self._memory.set("bench", name, getattr(self, name))
        self._memory.set("bench", "phone", self.player.phone)
        self._memory.set("bench", "voices", list(self.keys))
        self._memory.set("bench", "speeds", list(self.speeds))


def _spec(cell: Cell) -> dict[str, str]:
    return {"provider": cell.voice.provider, "identifier": cell.voice.name}


def _name(key: Key) -> str:
    return f"{key[0]} {key[1]:g}"


def _sheet_row(row: VoiceRow, cell: Cell, votes: str) -> dict[str, Any]:
    clip = cell.clip
    fields: dict[str, Any] = {
        "clip": clip.id if clip else "",
        "voice": cell.voice.name,
        "provider": row.provider,
        "speed": cell.speed,
        "realised": cell.realised,
        "votes": votes,
        "remark": cell.problem or (" ".join(clip.notes) if clip else ""),
    }
    if clip:
        fields |= {
            "speaks": clip.voice if clip.stands_in else "",
            **{name: getattr(clip, name) for name in ("seconds", "wpm", "cache", "lufs")},
            **{name: getattr(clip, name) for name in ("first_byte_ms", "first_sound_ms", "total_ms")},
        }
    return fields
