"""Sparkplug B: payloads of edge nodes and devices to readings.

Source: Sparkplug specification 3.0.0 (Eclipse Foundation, 2022), chapters 6.4 (payloads, data types) and 4.1 (topics).
The message types are described here in code; the fields we do not read are skipped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .readings import MessageError, Problem, RawRow, ReadingColumns, columns_of_rows

#: First part of every topic.
NAMESPACE = "spBv1.0"
BIRTHS, DATA = frozenset({"NBIRTH", "DBIRTH"}), frozenset({"NDATA", "DDATA"})
#: Data types whose bits are a signed number, by their width.
_SIGNED = {1: 8, 2: 16, 3: 32, 4: 64}
_NUMBERS = frozenset({*range(1, 12)})
_OPTIONAL = 1
_FIELDS = {
    "Payload": (("timestamp", 1, 4, ""), ("metrics", 2, 11, "Metric"), ("seq", 3, 4, "")),
    "Metric": (
        ("name", 1, 9, ""),
        ("alias", 2, 4, ""),
        ("timestamp", 3, 4, ""),
        ("datatype", 4, 13, ""),
        ("is_null", 7, 8, ""),
        ("int_value", 10, 13, ""),
        ("long_value", 11, 4, ""),
        ("float_value", 12, 2, ""),
        ("double_value", 13, 1, ""),
        ("boolean_value", 14, 8, ""),
    ),
}


@lru_cache(maxsize=1)
def payload_class() -> Any:
    """Return the class of payloads; the numbers above are those of the specification's protobuf definition."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    file = descriptor_pb2.FileDescriptorProto(name="parkbrain/sparkplug.proto", package="sparkplug", syntax="proto2")
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for title, number, kind, target in fields:
            added = message.field.add(name=title, number=number, type=kind, label=3 if target else _OPTIONAL)
            if target:
                added.type_name = f".sparkplug.{target}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("sparkplug.Payload"))


@dataclass(frozen=True)
class Topic:
    """Whose message it is: `place` is group/node or group/node/device, `node` is group/node."""

    kind: str
    node: str
    place: str


def read_topic(topic: str) -> Topic:
    """Return the parts of a topic.

    Raises
    ------
    MessageError
        ``unknown_format`` if it is none of Sparkplug B.

    Examples
    --------
    >>> read_topic("spBv1.0/Park/DDATA/Edge1/E-1").place
    'Park/Edge1/E-1'
    """
    parts = topic.split("/")
    if parts[0] != NAMESPACE or len(parts) not in {4, 5} or not all(parts):
        raise MessageError("unknown_format", media_type=topic[:80])
    return Topic(parts[2], f"{parts[1]}/{parts[3]}", "/".join([parts[1], *parts[3:]]))


@dataclass
class SparkplugReader:
    """Reads the messages of many nodes; what births say of names and aliases is remembered.

    Examples
    --------
    >>> birth = payload_class()(timestamp=1782777600000, seq=0)
    >>> _ = birth.metrics.add(name="energy", alias=7, datatype=10, double_value=12.5)
    >>> reader = SparkplugReader()
    >>> reader.read("spBv1.0/Park/DBIRTH/Edge1/E-1", birth.SerializeToString()).keys
    ('Park/Edge1/E-1/energy',)
    >>> data = payload_class()(timestamp=1782777660000, seq=1)
    >>> _ = data.metrics.add(alias=7, datatype=10, double_value=13.0)
    >>> reader.read("spBv1.0/Park/DDATA/Edge1/E-1", data.SerializeToString()).value.tolist()
    [13.0]
    """

    #: Name and data type by alias, by node: aliases are a node's own.
    _aliases: dict[str, dict[int, tuple[str, int]]] = field(default_factory=dict)
    #: Nodes that named an alias of which no birth was heard: they have to be asked for a new one.
    unknown_nodes: set[str] = field(default_factory=set)

    def read(self, topic: str, payload: bytes) -> ReadingColumns:
        """Return the readings of a message; what is no number is left out, an alias without a name is a problem.

        Raises
        ------
        MessageError
            If topic or payload cannot be read.
        """
        about = read_topic(topic)
        if about.kind not in BIRTHS | DATA:
            return columns_of_rows([], now_us=0, zone="UTC", problems=[])
        message = payload_class()()
        try:
            message.ParseFromString(payload)
        except Exception as error:  # the library has exceptions of several modules
            raise MessageError("unreadable", detail=str(error)[:120]) from None
        if about.kind == "NBIRTH":
            self._aliases[about.node] = {}
            self.unknown_nodes.discard(about.node)
        rows: list[RawRow] = []
        problems: list[Problem] = []
        for number, metric in enumerate(message.metrics, start=1):
            name, kind = self._named(about, metric)
            if name is None:
                self.unknown_nodes.add(about.node)
                problems.append(Problem(number, "no_address", "", f"{about.place} alias {metric.alias}"))
                continue
            value = None if metric.is_null else _value_of(metric, kind)
            if value is None:
                continue
            at_ms = metric.timestamp or message.timestamp
            text = f"{about.place}/{name} {at_ms} {value}"
            rows.append(RawRow(number, f"{about.place}/{name}", at_ms / 1000 if at_ms else None, value, 0, text))
        return columns_of_rows(rows, now_us=0, zone="UTC", problems=problems)

    def _named(self, about: Topic, metric: Any) -> tuple[str | None, int]:
        known = self._aliases.setdefault(about.node, {})
        if metric.name:
            if metric.HasField("alias"):
                known[metric.alias] = (metric.name, metric.datatype)
            return metric.name, metric.datatype
        name, kind = known.get(metric.alias, (None, 0))
        return name, metric.datatype or kind


def _value_of(metric: Any, kind: int) -> float | None:
    """Return the number of a metric; None where it is none."""
    if kind and kind not in _NUMBERS:
        return None
    for name in ("double_value", "float_value", "boolean_value"):
        if metric.HasField(name):
            return float(getattr(metric, name))
    for name in ("int_value", "long_value"):
        if metric.HasField(name):
            raw, bits = int(getattr(metric, name)), _SIGNED.get(kind)
            return float(
                raw - (1 << bits) if bits and raw >= 1 << (bits - 1) and raw < 1 << bits else _wide(raw, name, bits)
            )
    return None


def _wide(raw: int, name: str, bits: int | None) -> int:
    """Return a number whose negative values fill the whole field, as some senders write narrow ones."""
    width = 32 if name == "int_value" else 64
    return raw - (1 << width) if bits and raw >= 1 << (width - 1) else raw
