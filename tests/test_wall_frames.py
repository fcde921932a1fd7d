"""What the benchmark of the wall's frames reads in a trace of Chromium."""

from __future__ import annotations

from typing import Any

from benchmarks import wall_frames

PAGE, OTHER, GPU = 1, 2, 3
NAMES = {(PAGE, 10): "CrRendererMain", (PAGE, 11): "Compositor", (OTHER, 20): "CrRendererMain", (GPU, 30): "CrGpuMain"}
TASK, FRAME = wall_frames.TASK, wall_frames.FRAME
LATER = wall_frames.SETTLING_US


def event(thread: tuple[int, int], name: str, at_ms: float, took_ms: float, worked_ms: float) -> dict[str, Any]:
    pid, tid = thread
    times = {"ts": at_ms * 1000, "dur": took_ms * 1000, "tdur": worked_ms * 1000}
    return {"ph": "X", "pid": pid, "tid": tid, "name": name, "args": {}, **times}


def trace(*events: dict[str, Any]) -> list[dict[str, Any]]:
    names = [
        {"ph": "M", "pid": pid, "tid": tid, "name": "thread_name", "args": {"name": name}}
        for (pid, tid), name in NAMES.items()
    ]
    return [*names, *events]


def frame(at_ms: float, *, worked_ms: float, script_ms: float = 0) -> list[dict[str, Any]]:
    main = (PAGE, 10)
    return [
        event(main, TASK, at_ms, worked_ms * 2, worked_ms),
        event(main, FRAME, at_ms, worked_ms * 2, worked_ms),
        event(main, "FireAnimationFrame", at_ms, script_ms * 2, script_ms),
    ]


def test_a_frame_is_the_work_until_the_next_one_in_processor_time_of_the_page_alone() -> None:
    settled = LATER / 1000 + 10
    found = wall_frames.weigh(
        trace(
            *frame(0, worked_ms=9),
            *frame(settled, worked_ms=4, script_ms=2),
            event((PAGE, 10), TASK, settled + 9, 3, 1),
            event((PAGE, 11), TASK, settled + 2, 3, 2),
            event((GPU, 30), TASK, settled + 2, 90, 80),
            event((OTHER, 20), TASK, settled + 2, 3, 3),
            *frame(settled + 16, worked_ms=6, script_ms=5),
            *frame(settled + 33, worked_ms=6),
        )
    )
    assert (found.main, found.between, found.compositor) == ([4.0, 6.0], [1.0, 0.0], [2.0, 0.0])
    assert found.kinds["script"] == 3.5 and found.kinds["layout"] == 0


def test_an_event_inside_another_of_its_kind_is_counted_once() -> None:
    main = (PAGE, 10)
    settled = LATER / 1000
    inner = event(main, "FireAnimationFrame", settled + 1, 2, 2)
    found = wall_frames.weigh(
        trace(
            event(main, TASK, 0, 1, 1),
            *frame(settled, worked_ms=8, script_ms=6),
            inner,
            *frame(settled + 16, worked_ms=1),
        )
    )
    assert found.kinds["script"] == 6


def test_a_scene_that_stands_still_has_no_frame_to_weigh() -> None:
    found = wall_frames.weigh(trace(event((PAGE, 10), TASK, 0, 1, 1)))
    assert (found.frames, found.main) == (0, [])


def test_ninety_nine_of_a_hundred_do_not_exceed_the_percentile() -> None:
    assert wall_frames.percentile_99([float(n) for n in range(1, 201)]) == 199
    assert wall_frames.percentile_99([3.0]) == 3
