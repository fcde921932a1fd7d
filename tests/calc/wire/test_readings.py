"""Messages of readings: every format says the same, one bad row costs only itself, and no bytes at all break the reader."""

from __future__ import annotations

import gzip
import json
import zlib
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parkbrain.calc.wire.readings import READERS, MessageError, read_message, unpack

NOW = datetime(2026, 6, 30, 2, tzinfo=UTC)
NOW_US = int(NOW.timestamp()) * 1_000_000
ARROW, LINES, CSV = "application/vnd.apache.arrow.stream", "text/plain", "text/csv"
#: (address, seconds before now, value)
SAMPLE = [("E-MAIN-1", 7200, 1200.5), ("W-1", 7200, 3.0), ("E-MAIN-1", 3600, 1210.25), ("水表 1", 3600, -4.75)]


def read(body: bytes, media_type: str, **more: object):
    return read_message(body, media_type=media_type, now_us=NOW_US, zone="Asia/Shanghai", **more)


def at(seconds: int) -> int:
    return int(NOW.timestamp()) - seconds


def arrow(table: pa.Table, compression: str | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as out:
        out.write_table(table)
    return sink.getvalue().to_pybytes()


def bodies(sample=SAMPLE) -> dict[str, tuple[bytes, str]]:
    stamps = [datetime.fromtimestamp(at(s), UTC) for _a, s, _v in sample]
    local = [t.astimezone().isoformat() for t in stamps]
    table = pa.table(
        {
            "point": [a for a, _s, _v in sample],
            "at": pa.array(stamps, pa.timestamp("us", "UTC")),
            "value": [v for *_x, v in sample],
        }
    )
    coded = table.set_column(0, "point", table["point"].dictionary_encode())
    escaped = [a.replace(" ", r"\ ") for a, _s, _v in sample]
    return {
        "NDJSON": (
            "\n".join(json.dumps({"point": a, "at": at(s), "value": v}) for a, s, v in sample).encode(),
            "application/x-ndjson",
        ),
        "JSON objects": (
            json.dumps([{"point": a, "at": t, "value": v} for (a, _s, v), t in zip(sample, local, strict=True)]).encode(),
            "application/json; charset=utf-8",
        ),
        "JSON columns": (
            json.dumps({"point": [a for a, *_ in sample], "at": [at(s) * 1000 for _a, s, _v in sample],
                        "value": [v for *_x, v in sample]}).encode(),
            "application/json",
        ),
        "CSV": (("point,at,value\r\n" + "\r\n".join(f"{a},{t},{v}" for (a, _s, v), t in zip(sample, local, strict=True))).encode(), CSV),
        "CSV of Chinese headings": (("\ufeff时间;测点;读数\n" + "\n".join(f"{at(s)};{a};{v}" for a, s, v in sample)).encode(), CSV),
        "line protocol": ("\n".join(f"{a} value={v} {at(s)}000000000" for a, (_b, s, v) in zip(escaped, sample, strict=True)).encode(), LINES),
        "Arrow": (arrow(table), ARROW),
        "Arrow compressed": (arrow(coded, "zstd"), ARROW),
    }  # fmt: skip


@pytest.mark.parametrize("name", list(bodies()))
@pytest.mark.parametrize("packed", ["", "gzip", "deflate", "zstd"])
def test_every_format_says_the_same_however_it_is_packed(name: str, packed: str) -> None:
    body, media_type = bodies()[name]
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": lambda b: pa.compress(b, "zstd", asbytes=True)}
    found = read(pack[packed](body) if packed else body, media_type, encoding=packed)
    assert [found.keys[i] for i in found.key_index] == [a for a, *_ in SAMPLE]
    assert found.at_us.tolist() == [at(s) * 1_000_000 for _a, s, _v in SAMPLE]
    assert found.value.tolist() == [v for *_x, v in SAMPLE]
    assert found.problems == ()


@pytest.mark.parametrize(
    ("media_type", "body", "codes"),
    [
        (CSV, "point,at,value\nA,{t},1\nA,{t},\"12,5O0\"\nB,{t},2", {3: "bad_number"}),
        (CSV, "point,at,value\nA,{t},1\nA,{t}\nB,{t},2", {3: "bad_row"}),
        (CSV, "point,at,value\nA,{t},1\nA,yesterday,1\nB,{t},2", {3: "bad_time"}),
        (CSV, "point,at,value\nA,{t},1\n,{t},1\nB,{t},2", {3: "no_address"}),
        (CSV, "point,at,value\nA,{t},1\nC,{t},\nB,{t},2", {3: "no_value"}),
        (CSV, "point,at,value,quality\nA,{t},1,0\nC,{t},1,7\nB,{t},2,4", {2: "bad_quality"}),
        (LINES, "A value=1 {t}\nA value=x {t}\nB value=2 {t}", {2: "bad_number"}),
        (LINES, "A value=1 {t}\nnonsense\nB value=2 {t}", {2: "bad_row"}),
        (LINES, "A value=1 {t}\n value=3 {t}\nB value=2 {t}", {2: "bad_row"}),
        (LINES, "A value=1 {t}\nA value=1 1\nB value=2 {t}", {2: "impossible_time"}),
        (LINES, "A value=1 {t}\nA value=1e15 {t}\nB value=2 {t}", {2: "impossible_value"}),
        (LINES, "A value=1 {t}\nA value=NaN {t}\nB value=2 {t}", {2: "not_a_number"}),
        ("application/x-ndjson", '{{"point":"A","at":{t},"value":1}}\n{{"point":\n{{"point":"B","at":{t},"value":2}}', {2: "bad_row"}),
        ("application/x-ndjson", '{{"point":"A","at":{t},"value":1}}\n{{"point":"C","at":{t}}}\n{{"point":"B","at":{t},"value":2}}', {2: "no_value"}),
        ("application/json", '[{{"point":"A","at":{t},"value":1}},{{"point":"A","at":{t},"value":[]}},{{"point":"B","at":{t},"value":2}}]', {2: "bad_number"}),
        ("application/json", '{{"point":["A","C","B"],"at":[{t},"?",{t}],"value":[1,1,2]}}', {2: "bad_time"}),
        ("application/json", '{{"point":["A","C","B"],"at":[{t},{t},{t}],"value":[1,1e999,2]}}', {2: "not_a_number"}),
    ],
)  # fmt: skip
def test_one_bad_row_costs_only_itself_and_its_number_is_told(
    media_type: str, body: str, codes: dict[int, str]
) -> None:
    found = read(body.format(t=at(60)).encode(), media_type)
    assert {p.row: p.code for p in found.problems} == codes
    assert [(found.keys[i], v) for i, v in zip(found.key_index, found.value, strict=True)] == [("A", 1.0), ("B", 2.0)]


@pytest.mark.parametrize("media_type", [CSV, LINES, "application/x-ndjson"])
def test_line_that_is_no_utf8_costs_only_itself(media_type: str) -> None:
    first = {CSV: b"point,at,value\n"}.get(media_type, b"")
    row = {CSV: "%s,{t},1", LINES: "%s value=1 {t}", "application/x-ndjson": '{{"point":"%s","at":{t},"value":1}}'}
    text = row[media_type].format(t=at(60))
    body = first + b"\n".join((text % "A").encode().replace(b"A", name) for name in (b"A", b"\xff\xfe", "电".encode()))
    found = read(body, media_type)
    assert [found.keys[i] for i in found.key_index] == ["A", "电"]
    assert [p.code for p in found.problems] == ["wrong_utf8"]


def test_times_count_in_any_unit_and_local_ones_are_of_the_park() -> None:
    moment = at(60)
    texts = [str(moment), f"{moment}000", f"{moment}000000", f"{moment}000000000", f"{moment}.0", "2026-06-30T09:59:00+08:00",
             "2026-06-30T01:59:00Z", "2026-06-30 09:59", "2026/06/30 09:59:00", "2026-06-30T09:59:00.000000"]  # fmt: skip
    for text in texts:
        found = read(f"point,at,value\nA,{text},1".encode(), CSV)
        assert found.at_us.tolist() == [moment * 1_000_000], text
    mixed = read(("point,at,value\n" + "\n".join(f"A,{text},1" for text in texts)).encode(), CSV)
    assert set(mixed.at_us.tolist()) == {moment * 1_000_000}
    assert mixed.count == len(texts)


def test_line_protocol_names_what_a_value_is_of() -> None:
    t = at(60)
    lines = [
        f"meter,point=E-1 value=1 {t}",
        f"em,dev=7 kwh=3i,kw=2.5 {t}",
        f"E-2 value=true {t}",
        rf"room\ 1,floor=3 value=4 {t}",
        "# a comment",
        f'note text="off, line",value=5 {t}',
        "E-3 value=6",
    ]
    found = read("\n".join(lines).encode(), LINES)
    pairs = {(found.keys[i], v) for i, v in zip(found.key_index, found.value, strict=True)}
    assert pairs == {
        ("E-1", 1.0),
        ("em,dev=7.kwh", 3.0),
        ("em,dev=7.kw", 2.5),
        ("E-2", 1.0),
        ("room 1,floor=3", 4.0),
        ("note", 5.0),
        ("E-3", 6.0),
    }
    assert [(p.row, p.code, p.address) for p in found.problems] == [(6, "bad_number", "note.text")]
    assert found.at_us[-1] == NOW_US
    plain = read("\n".join(lines[:2]).encode(), LINES)
    assert [plain.keys[i] for i in plain.key_index] == ["E-1", "em,dev=7.kwh", "em,dev=7.kw"]
    assert plain.row.tolist() == [1, 2, 2]


def test_number_of_a_point_stands_where_no_address_does() -> None:
    t = at(60)
    for body, kind in (
        (f"number,at,value\n41,{t},1\n42,{t},2".encode(), CSV),
        (f'{{"point":[41,42],"at":{t},"value":[1,2]}}'.encode(), "application/json"),
        (arrow(pa.table({"point": [41, 42], "at": [t, t], "value": [1.0, 2.0]})), ARROW),
    ):
        found = read(body, kind)
        assert [found.keys[i] for i in found.key_index] == [41, 42]


def test_impossible_times_and_numbers_are_told_apart_from_the_rest() -> None:
    stamps = [-(10**18), 0, at(-2 * 86400), at(-3600), at(0)]
    table = pa.table({"point": ["A"] * 5, "at": pa.array(stamps, pa.int64()), "value": [1.0, 2.0, 3.0, 4.0, np.inf]})
    found = read(arrow(table), ARROW)
    assert found.value.tolist() == [4.0]
    assert [(p.row, p.code) for p in found.problems] == [
        (1, "impossible_time"),
        (2, "impossible_time"),
        (3, "impossible_time"),
        (5, "not_a_number"),
    ]
    # What was set aside can be read again once the clock is right.
    again = read(found.problems[2].text.encode(), "application/x-ndjson")
    assert (again.problems[0].code, again.problems[0].address) == ("impossible_time", "A")


@pytest.mark.parametrize(
    ("body", "media_type", "encoding", "code"),
    [
        (b"", CSV, "", "empty"),
        (b"  \n", LINES, "", "empty"),
        (b"", "application/json", "", "empty"),
        (b"", ARROW, "", "empty"),
        (b"point,value\nA,1", CSV, "", "missing_column"),
        (b"at,value\n1,1", CSV, "", "missing_column"),
        (b"\xff\xff\n1", CSV, "", "unreadable"),
        (b"{", "application/json", "", "unreadable"),
        (b"3", "application/json", "", "unreadable"),
        (b'{"point":["A","B"],"at":1,"value":[1]}', "application/json", "", "column_lengths"),
        (b"nonsense", ARROW, "", "unreadable"),
        (b"A value=1", "image/png", "", "unknown_format"),
        (b"A value=1", LINES, "br", "unknown_encoding"),
        (b"A value=1", LINES, "gzip", "not_compressed"),
        (b"A value=1", LINES, "zstd", "not_compressed"),
        (gzip.compress(b"A value=1\n" * 100, mtime=0)[:-12], LINES, "gzip", "truncated"),
        (gzip.compress(bytes(70_000_000), mtime=0), LINES, "gzip", "too_large"),
        (pa.compress(bytes(70_000_000), "zstd", asbytes=True), LINES, "zstd", "too_large"),
    ],
)
def test_message_that_cannot_be_read_is_refused_with_its_reason(
    body: bytes, media_type: str, encoding: str, code: str
) -> None:
    with pytest.raises(MessageError) as refusal:
        read(body, media_type, encoding=encoding)
    assert refusal.value.code == code


def test_arrow_buffers_that_would_unpack_to_too_much_are_refused_before_they_are_unpacked() -> None:
    table = pa.table({"point": pa.array(np.ones(12_000_000, dtype=np.int64)), "at": np.zeros(12_000_000), "value": np.zeros(12_000_000)})  # fmt: skip
    body = arrow(table, "zstd")
    assert len(body) < 4_000_000
    with pytest.raises(MessageError) as refusal:
        read(body, ARROW)
    assert refusal.value.code == "too_large"


def test_bodies_of_several_gzip_members_are_one() -> None:
    assert (
        unpack(gzip.compress(b"A value=1\n", mtime=0) + gzip.compress(b"B value=2\n"), "gzip")
        == b"A value=1\nB value=2\n"
    )


PIECES = st.one_of(
    st.binary(max_size=80),
    st.sampled_from([body for body, _kind in bodies().values()]),
    st.text(alphabet='A1,= \n\\"#.-+:TZ{}[]"point:value;', max_size=120).map(lambda t: t.encode()),
)


@given(
    parts=st.lists(PIECES, max_size=4),
    media_type=st.sampled_from(sorted(READERS)),
    encoding=st.sampled_from(["", "gzip", "zstd", "deflate"]),
)
@settings(max_examples=400, deadline=None)
def test_no_bytes_at_all_break_a_reader(parts: list[bytes], media_type: str, encoding: str) -> None:
    try:
        found = read(b"".join(parts), media_type, encoding=encoding)
    except MessageError:
        return
    assert found.count == found.value.size == found.key_index.size == found.quality.size == found.row.size
    assert np.isfinite(found.value).all()


@given(
    name=st.sampled_from(list(bodies())),
    cut=st.integers(0, 2000),
    byte=st.integers(0, 255),
    place=st.integers(0, 2000),
)
@settings(max_examples=600, deadline=None)
def test_damaged_messages_break_no_reader(name: str, cut: int, byte: int, place: int) -> None:
    body, media_type = bodies()[name]
    damaged = bytearray(body[: cut or None])
    if damaged:
        damaged[place % len(damaged)] = byte
    try:
        found = read(bytes(damaged), media_type)
    except MessageError:
        return
    assert np.isfinite(found.value).all()


@given(
    rows=st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), min_size=1, max_size=20),
            st.integers(0, 10**9),
            st.floats(-9e11, 9e11),
        ),
        min_size=1,
        max_size=30,
    )
)
@settings(max_examples=150, deadline=None)
def test_json_and_arrow_bring_back_exactly_what_was_sent(rows: list[tuple[str, int, float]]) -> None:
    rows = [(a.strip() or "A", s % 10**8, v) for a, s, v in rows]
    for name in ("NDJSON", "JSON objects", "JSON columns", "Arrow", "Arrow compressed"):
        found = read(*bodies(rows)[name])
        assert [
            (found.keys[i], t, v)
            for i, t, v in zip(found.key_index, found.at_us.tolist(), found.value.tolist(), strict=True)
        ] == [(a, at(s) * 1_000_000, v) for a, s, v in rows], name
