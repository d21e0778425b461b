"""Frame times of the timeline, and what following a live session costs.

    python -m tests.bench.bench_timeline [--frames 60] [--live 6]

Two hours, 200,000 records, two tracks. A frame is one `repaint` of the lanes in a shown window, everything
included, in milliseconds of processor time. Runs
offscreen unless QT_QPA_PLATFORM says otherwise.
"""

import argparse
import os
import platform
import statistics
from collections.abc import Callable
from time import perf_counter, process_time, sleep, thread_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from studio.app.audio_view.audio_model import AudioModel
from studio.app.audio_view.audio_view import AudioView
from studio.app.theme.current import load_fonts, ui_font
from studio.app.timeline.time_canvas import TimeCanvas
from studio.app.timeline.timeline_model import TimelineModel
from studio.app.timeline.timeline_view import TimelineView
from studio.sessions.records import NS
from tests.app.synthetic import SyntheticSession, two_hours

SPANS = {"2 h": 7200.0, "5 min": 300.0, "60 s": 60.0, "14 s": 14.0, "3 s": 3.0, "80 ms": 0.08}
SIZE = (1600, 480)


def p95(values: list[float]) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.95))]


def told(name: str, values: list[float]) -> None:
    print(f"{name:34} med {statistics.median(values):6.2f}  p95 {p95(values):6.2f}  max {max(values):6.2f} ms")


def frames(canvas: TimeCanvas, count: int, move: Callable[[int], None]) -> list[float]:
    """Milliseconds of processor time per frame: other work on the machine does not count."""
    taken: list[float] = []
    for frame in range(count):
        move(frame)
        began = thread_time()
        canvas.repaint()
        taken.append((thread_time() - began) * 1000)
    return taken


def movement(app: QApplication, canvas: TimeCanvas, name: str, count: int) -> None:
    axis = canvas.model.axis
    worst: list[float] = []
    for span, seconds in SPANS.items():
        middle = 3600.0
        axis.show(int((middle - seconds / 2) * NS), int((middle + seconds / 2) * NS))
        canvas.repaint()
        step = axis.span // 37
        panned = frames(canvas, count, lambda frame, step=step: axis.pan(step if frame % 40 < 20 else -step))
        told(f"{name}, pan at {span}", panned)
        about = axis.start + axis.span // 3
        zoomed = frames(canvas, count, lambda frame, about=about: axis.zoom(0.93 if frame % 2 else 1 / 0.93, about))
        told(f"{name}, zoom at {span}", zoomed)
        worst += panned + zoomed
        app.processEvents()
    axis.fit()
    about = 3600 * NS
    sweep = frames(canvas, count * 2, lambda frame: axis.zoom(0.9 if frame < count else 1 / 0.9, about))
    told(f"{name}, zoom sweep 2 h to 20 ms", sweep)
    told(f"{name}, ALL", worst + sweep)


def first_paint(app: QApplication, data: SyntheticSession) -> None:
    began = perf_counter()
    model = TimelineModel(data)
    view = TimelineView(model)
    view.resize(*SIZE)
    view.show()
    app.processEvents()
    view.canvas.repaint()
    print(f"{'first paint':34} {(perf_counter() - began) * 1000:6.0f} ms")
    longest = 0.0
    while not model.complete:
        step = perf_counter()
        app.processEvents()
        longest = max(longest, perf_counter() - step)
    print(
        f"{'all 200,000 records on the lanes':34} {(perf_counter() - began) * 1000:6.0f} ms, longest step {longest * 1000:.0f} ms"
    )
    view.hide()
    view.deleteLater()


def live(app: QApplication, data: SyntheticSession, view: TimelineView, seconds: float, name: str) -> None:
    """Thirty minutes of history, then real time at 60 frames/s."""
    history = 1800 * NS
    data.grow_to(history)
    view.model.open(data)
    while not view.model.lanes or not view.model.lanes.complete:
        view.model.refresh(1.0)
    view.model.axis.set_follow(True)
    view.show()
    app.processEvents()
    canvas: TimeCanvas = view.canvas if name == "timeline" else view.findChildren(AudioView)[0]
    painted: list[float] = []
    gaps: list[float] = []
    paint, last = canvas.paintEvent, 0.0

    def timed(event: object) -> None:
        nonlocal last
        began = perf_counter()
        paint(event)  # type: ignore[arg-type]
        painted.append((perf_counter() - began) * 1000)
        if last:
            gaps.append((began - last) * 1000)
        last = began

    canvas.paintEvent = timed  # type: ignore[method-assign]
    began, cpu = perf_counter(), process_time()
    growing = 0.0
    while (passed := perf_counter() - began) < seconds:
        before = process_time()
        data.grow_to(history + int(passed * NS) // 10_000_000 * 10_000_000)
        growing += process_time() - before
        app.processEvents()
        sleep(0.002)
    share = (process_time() - cpu - growing) / (perf_counter() - began) * 100
    del canvas.paintEvent
    rate = len(painted) / seconds
    print(f"{name + ', live follow':34} {share:5.1f} % of one core at {rate:.0f} frames/s (polling loop included)")
    told(f"{name}, live frame", painted)
    told(f"{name}, live gap between frames", gaps)


def marker_error(view: TimelineView, data: SyntheticSession) -> None:
    model, canvas = view.model, view.canvas
    times = data.times[:: max(1, len(data.times) // 500)].tolist()
    for seconds in (1.0, 3.0, 60.0):
        worst = 0
        for time in times:
            model.axis.show(int(time - seconds / 2 * NS), int(time + seconds / 2 * NS))
            worst = max(worst, abs(canvas.time_at(canvas.x_of(time)) - time))
        pixel = model.axis.span / (canvas.width() - 132) / 1e6
        print(f"marker error, {seconds:.0f} s in view{'':14} {worst / 1e6:6.3f} ms (a pixel is {pixel:.2f} ms)")
    print(
        f"{'marker error, time of a selection':34} {0 if all(model.time_of(i) == data.record(i).publish_time for i in range(0, len(data.times), 997)) else 1:6.3f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--live", type=float, default=6.0)
    options = parser.parse_args()
    app = QApplication([])
    load_fonts()
    app.setFont(ui_font())
    print(
        f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Qt on {app.platformName()}, {SIZE[0]} x {SIZE[1]}"
    )
    data = two_hours()
    print(f"{data.record_count:,} records, {data.end_ns / NS:.0f} s, 2 tracks")
    first_paint(app, data)
    model = TimelineModel(data)
    while not model.complete:
        model.refresh(1.0)
    audio = AudioView(AudioModel(model))
    view = TimelineView(model, audio_view=audio)
    view.resize(*SIZE)
    view.show()
    app.processEvents()
    view.show_lanes("everything")
    movement(app, view.canvas, "timeline", options.frames)
    marker_error(view, data)
    view.show_lanes("audio")
    app.processEvents()
    movement(app, audio, "audio", options.frames)
    view.show_lanes("conversation")
    live(app, data, view, options.live, "timeline")
    view.show_lanes("audio")
    live(app, data, view, options.live, "audio")


if __name__ == "__main__":
    main()
