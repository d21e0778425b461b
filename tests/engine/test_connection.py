"""What a window is shown: in batches, numbered, and never at the engine's cost."""

import asyncio
import random
from typing import Any

from studio.engine import connection, wire
from studio.engine.connection import CommandError, Connection
from studio.engine.follower import Follower
from studio.engine.recent import RecentRecords
from studio.sessions.live import LiveSession
from studio.sessions.records import Record


async def run(command: str, params: dict[str, Any]) -> Any:
    match command:
        case "slow":
            return await asyncio.sleep(30)
        case "numbered":
            await asyncio.sleep(0)
            return connection.current_call.get()
        case "refuse":
            raise CommandError("That cannot be done.")
        case "fail":
            raise KeyError("x")
        case "large":
            return b"x" * 17_000_000
        case "odd":
            return {"what": object()}
        case _:
            return params


class Line:
    """A connection over a real socket, whose window reads when it is asked to."""

    async def __aenter__(self) -> "Line":
        accepted: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            line = Connection(reader, writer, run)
            accepted.set_result(line)
            await line.serve()

        self._server = await asyncio.start_server(accept, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port, limit=1024)
        self.engine = await accepted
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        self.engine.close()
        self._server.close()
        await self._server.wait_closed()

    async def read(self) -> dict[str, Any]:
        frame = await asyncio.wait_for(wire.read(self.reader), 10)
        assert frame is not None
        return await self.read() if "beat" in frame else frame

    async def call(self, command: str, number: int = 1, **params: Any) -> dict[str, Any]:
        self.writer.write(wire.encode({"call": number, "command": command, "params": params}))
        return await self.read()


def record(seq: int, session: str = "s", text: str = "") -> list[Any]:
    return [
        session,
        seq,
        seq * 1000,
        seq * 1000,
        "/turn",
        "turn_opened",
        {"text": text},
        "",
        "",
        0,
        "",
        "info",
        "",
        False,
    ]


async def test_items_of_a_moment_come_as_one_numbered_batch() -> None:
    async with Line() as line:
        for seq in (1, 2, 3):
            line.engine.show("record", *record(seq))
        frame = await line.read()
        assert [item[:4] for item in frame["batch"]] == [["record", seq, "s", seq] for seq in (1, 2, 3)]
        assert frame["next"] == 4
        line.engine.show("meter", None, None)
        assert (await line.read())["batch"] == [["meter", 4, None, None]]


async def test_what_a_command_shows_comes_before_its_answer() -> None:
    async with Line() as line:
        line.engine.show("state", {})
        assert "batch" in await line.call("echo", 5, a=1)
        assert await line.read() == {"answer": 5, "result": {"a": 1}}


async def test_a_refusal_is_its_sentence_and_a_fault_says_so() -> None:
    async with Line() as line:
        assert await line.call("refuse") == {"answer": 1, "error": "That cannot be done."}
        assert "KeyError" in (await line.call("fail"))["error"]


async def test_an_answer_that_cannot_be_sent_is_an_error() -> None:
    async with Line() as line:
        for command in ("large", "odd"):
            assert "cannot be sent" in (await line.call(command))["error"]
        assert (await line.call("echo"))["result"] == {}


async def test_a_long_command_can_be_cancelled() -> None:
    async with Line() as line:
        line.writer.write(wire.encode({"call": 1, "command": "slow", "params": {}}))
        line.writer.write(wire.encode({"call": 2, "command": "cancel", "params": {"call": 1}}))
        assert sorted([(await line.read())["answer"], (await line.read())["answer"]]) == [1, 2]


async def test_what_a_command_runs_knows_the_number_of_its_call() -> None:
    async with Line() as line:
        for number in (7, 8):
            line.writer.write(wire.encode({"call": number, "command": "numbered", "params": {}}))
        assert [await line.read() for _ in range(2)] == [{"answer": n, "result": n} for n in (7, 8)]


async def test_cancelling_what_does_not_run_harms_nothing() -> None:
    async with Line() as line:
        for what in (99, [], None, "x"):
            assert await line.call("cancel", 3, call=what) == {"answer": 3, "result": {}}


async def test_one_item_that_cannot_be_packed_takes_no_other_with_it() -> None:
    async with Line() as line:
        line.engine.show("record", *record(1))
        line.engine.show("record", *record(2, text="x" * 20_000_000))
        line.engine.show("record", *record(3))
        seqs: list[int] = []
        while len(seqs) < 3:
            seqs += [item[3] for item in (await line.read())["batch"]]
        assert seqs == [1, 2, 3]


async def test_a_window_that_does_not_read_loses_display_items_and_the_engine_nothing() -> None:
    async with Line() as line:
        block = b"\0" * 500_000
        for _ in range(100):
            line.engine.show("audio", "s", "/audio/agent", 0, 0, 0, 24000, block, "")
            await asyncio.sleep(0)
        line.engine.show("state", {"session": "idle"})
        assert line.engine.dropped > 50
        assert line.writer is not None
        seen, expected, last = 0, 1, {}
        while expected < 102:
            frame = await line.read()
            seen += len(frame["batch"])
            expected, last = frame["next"], (frame["batch"] or [last])[-1]
        assert seen == 101 - line.engine.dropped
        assert last[0] == "state"  # never dropped


async def test_a_window_that_reads_again_hears_at_once_that_items_were_dropped() -> None:
    async with Line() as line:
        for _ in range(40):
            line.engine.show("audio", "s", "/audio/agent", 0, 0, 0, 24000, b"\0" * 500_000, "")
            await asyncio.sleep(0)
        dropped = line.engine.dropped
        assert dropped
        while (frame := await line.read())["batch"]:
            pass
        assert frame == {"batch": [], "next": 41}
        line.engine.show("meter", 0.0, 0.0)
        assert (await line.read())["batch"] == [["meter", 41, 0.0, 0.0]]


# ---- records that were dropped


class Watch:
    """A follower with an engine's recent records behind it, and the session that a view would hold."""

    def __init__(self, session: str = "", page: int = 60) -> None:
        self.recent = RecentRecords(page=page)
        self.items: list[list[Any]] = []
        self.view = LiveSession("s")
        self.follower = Follower(session, self.take)
        self.n = 0
        self.asked: list[int] = []

    def take(self, items: list[list[Any]]) -> None:
        self.items += items
        for item in items:
            if item[0] == "record":
                self.view.apply_record(Record(*item[3:]))

    def happen(self, *seqs: int, lost: bool = False, session: str = "s") -> None:
        batch: list[list[Any]] = []
        for seq in seqs:
            self.n += 1
            self.recent.add(record(seq, session))
            batch.append(["record", self.n, *record(seq, session)])
        if not lost:
            self.follower.take({"batch": batch, "next": self.n + 1})

    async def fetch(self, session: str, first: int) -> dict[str, Any]:
        self.asked.append(first)
        page = self.recent.page(first)
        await asyncio.sleep(0)
        return page

    @property
    def seqs(self) -> list[int]:
        return [item[3] for item in self.items if item[0] == "record"]


async def test_missing_records_are_asked_for_and_come_once_and_in_order() -> None:
    watch = Watch()
    watch.happen(1, 2)
    watch.happen(3, 4, 5, lost=True)
    watch.happen(6, 7)
    assert watch.seqs == [1, 2]
    await watch.follower.catch_up(watch.fetch)
    watch.happen(8)
    assert watch.seqs == [1, 2, 3, 4, 5, 6, 7, 8]
    assert watch.asked[0] == 3
    assert watch.view.missing == []
    assert watch.view.revision == 0


async def test_records_lost_at_the_end_are_noticed_by_the_numbers() -> None:
    watch = Watch()
    watch.happen(1)
    watch.happen(2, 3, lost=True)
    watch.follower.take({"batch": [], "next": watch.n + 1})
    assert watch.follower.behind
    await watch.follower.catch_up(watch.fetch)
    assert watch.seqs == [1, 2, 3]


async def test_a_session_of_which_every_record_was_lost_is_known_by_the_state() -> None:
    watch = Watch()
    watch.n = 1
    watch.follower.take({"batch": [["state", 1, {"id": "s", "session": "running"}]], "next": 2})
    watch.happen(1, 2, lost=True)
    watch.follower.take({"batch": [], "next": watch.n + 1})
    await watch.follower.catch_up(watch.fetch)
    assert watch.seqs == [1, 2]


async def test_records_that_come_while_it_asks_wait_for_their_turn() -> None:
    watch = Watch(page=1)
    watch.happen(1)
    watch.happen(2, 3, lost=True)
    watch.happen(4)
    asking = asyncio.create_task(watch.follower.catch_up(watch.fetch))
    for seq in (5, 6):
        await asyncio.sleep(0)
        watch.happen(seq)
    await asking
    assert watch.seqs == [1, 2, 3, 4, 5, 6]


async def test_losses_while_it_asks_are_made_good_too() -> None:
    watch = Watch(page=1)
    watch.happen(1)
    watch.happen(2, lost=True)
    watch.happen(3)
    asking = asyncio.create_task(watch.follower.catch_up(watch.fetch))
    await asyncio.sleep(0)
    watch.happen(4, lost=True)
    watch.happen(5)
    await asking
    assert watch.seqs == [1, 2, 3, 4, 5]


async def test_a_window_that_comes_back_gets_the_session_so_far() -> None:
    watch = Watch("s")
    watch.happen(1, 2, 3, lost=True)
    watch.n = 0  # another connection
    watch.happen(4)
    await watch.follower.catch_up(watch.fetch)
    assert watch.seqs == [1, 2, 3, 4]


async def test_a_new_session_begins_at_its_first_record() -> None:
    watch = Watch()
    watch.happen(1, 2)
    watch.recent.clear()
    watch.happen(1, lost=True, session="t")
    watch.happen(2, session="t")
    await watch.follower.catch_up(watch.fetch)
    assert [item[2:4] for item in watch.items] == [["s", 1], ["s", 2], ["t", 1], ["t", 2]]


async def test_a_session_that_begins_while_it_asks_has_all_its_records() -> None:
    watch = Watch(page=1)
    watch.happen(1)
    watch.happen(2, 3, lost=True)
    watch.happen(4)
    asking = asyncio.create_task(watch.follower.catch_up(watch.fetch))
    await asyncio.sleep(0)
    watch.recent.clear()
    watch.happen(1, 2, session="t")
    watch.happen(3, lost=True, session="t")
    watch.happen(4, session="t")
    await asking
    assert [item[2:4] for item in watch.items][-5:] == [["s", 4], ["t", 1], ["t", 2], ["t", 3], ["t", 4]]
    assert not watch.follower.behind


async def test_random_losses_are_made_good() -> None:
    chance = random.Random(3)
    for _ in range(200):
        watch = Watch(page=chance.choice([1, 100, 10_000]))
        asking: asyncio.Task[None] | None = None
        seq = 0
        for _ in range(chance.randint(1, 30)):
            count = chance.randint(1, 3)
            watch.happen(*range(seq + 1, seq + count + 1), lost=chance.random() < 0.4)
            seq += count
            if watch.follower.behind and (asking is None or asking.done()):
                asking = asyncio.create_task(watch.follower.catch_up(watch.fetch))
            for _ in range(chance.randint(0, 3)):
                await asyncio.sleep(0)
        watch.follower.take({"batch": [], "next": watch.n + 1})
        if asking:
            await asking
        await watch.follower.catch_up(watch.fetch)
        first = watch.seqs[0] if watch.seqs else seq + 1
        assert watch.seqs == list(range(first, seq + 1))
        assert first == 1 or not watch.seqs


async def test_what_the_engine_has_forgotten_is_a_hole_and_nothing_waits_for_it() -> None:
    watch = Watch()
    watch.recent = RecentRecords(most=300)
    watch.happen(1)
    watch.happen(*range(2, 50), lost=True)
    watch.happen(50)
    await watch.follower.catch_up(watch.fetch)
    assert watch.seqs[0] == 1
    assert watch.seqs[-1] == 50
    assert watch.view.missing == [(2, watch.seqs[1])]


def test_the_view_takes_records_that_come_late() -> None:
    view = LiveSession("s")
    for seq in (1, 2, 5):
        view.apply_record(Record(*record(seq)[1:]))
    view.apply_records([Record(*record(seq)[1:]) for seq in (3, 4, 5)])
    assert [row.seq for row in view.records()] == [1, 2, 3, 4, 5]
    assert view.missing == []


def test_batches_are_due_every_16_ms() -> None:
    assert connection._BATCH_S == 0.016
