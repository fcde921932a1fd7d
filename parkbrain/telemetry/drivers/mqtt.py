"""MQTT 5: readings that a broker holds for us until they are stored.

The session is persistent and every message is acknowledged only once it is stored for good; what was not comes again, and
is known by its content. Several workers share the load of a topic (`$share`), except with Sparkplug B, whose aliases
only make sense to who heard the birth.
"""

from __future__ import annotations

import hashlib
import json
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings as django_settings
from django.utils.translation import gettext_lazy as _

from parkbrain.calc.wire.readings import MessageError, ReadingColumns, read_message
from parkbrain.calc.wire.sparkplug import NAMESPACE, SparkplugReader, payload_class

from .contract import Driver, Setting, Sink, Stop
from .polling import fault_of

JSON, SPARKPLUG = "json", "sparkplug"
#: The broker keeps what comes while we are away for this long [s].
SESSION_S = 7 * 24 * 3600
#: Messages on their way that are not yet stored: enough for one commit to be large, few enough to bound memory.
MOST_UNSTORED = 2_000
KEEPALIVE_S = 30
#: A node is asked for its birth again at most this often [s].
REBIRTH_S = 30.0

SETTINGS = (
    Setting("host", _("Broker"), required=True, note=_("Name or address of the MQTT broker.")),
    Setting("port", _("Port"), "integer", default=1883, minimum=1, maximum=65535),
    Setting(
        "security", _("Encryption"), "choice", default="none",
        choices={"none": _("none: only inside a network of one's own"), "tls": _("TLS")},
    ),
    Setting("ca_file", _("Certificate authority (file on the server)"), note=_("Empty: those that the system trusts.")),
    Setting("username", _("User name")),
    Setting("password", _("Password"), "secret"),
    Setting("topic", _("Topics"), required=True, note=_("For example park/meters/#; several with a comma between them.")),
    Setting(
        "format", _("Format"), "choice", default=JSON,
        choices={JSON: _("JSON: readings or columns"), SPARKPLUG: _("Sparkplug B")},
    ),
    Setting("group", _("Shared by group"), default="parkbrain", note=_("Workers of one group share the messages.")),
)  # fmt: skip


def read_json_message(topic: str, payload: bytes, *, now_us: int) -> tuple[ReadingColumns, bool]:
    """Return the readings of a JSON message and whether it says all their times; a reading without a point is the topic's.

    :raises MessageError: it cannot be read.
    """
    has_time = b'"at"' in payload
    body = payload
    if b'"point"' not in payload:
        try:
            found = json.loads(payload)
        except ValueError as error:
            raise MessageError("unreadable", detail=str(error)[:120]) from None
        if isinstance(found, (int, float)) and not isinstance(found, bool):
            found = {"value": [found]}
        if not isinstance(found, dict):
            raise MessageError("unreadable", detail="no reading")
        value = found.get("value")
        times = {"at": found["at"]} if "at" in found else {"at": now_us / 1e6}
        body = json.dumps(
            {**found, **times, "point": topic, "value": value if isinstance(value, list) else [value]}
        ).encode()
    zone = django_settings.TIME_ZONE
    return read_message(body, media_type="application/json", now_us=now_us, zone=zone), has_time


class _Session:
    """One connection to a broker, made again and again until it is stopped."""

    def __init__(self, settings: Mapping[str, Any], sink: Sink) -> None:
        self._settings = {s.key: s.default for s in SETTINGS} | dict(settings)
        self._sink = sink
        # Acknowledgments of an earlier connection say nothing to the present one.
        self._connection = 0
        self._is_open = False
        self._sparkplug = SparkplugReader() if self._settings["format"] == SPARKPLUG else None
        self._asked: dict[str, float] = {}
        self.client = self._client()

    def _client(self) -> Any:
        import paho.mqtt.client as paho
        from paho.mqtt.enums import CallbackAPIVersion

        name = f"parkbrain-{self._settings.get('source', 0)}-{self._settings.get('worker', 1)}"
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=name,
            protocol=paho.MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        if self._settings.get("username"):
            client.username_pw_set(self._settings["username"], self._settings.get("password") or None)
        if self._settings["security"] == "tls":
            client.tls_set(ca_certs=self._settings.get("ca_file") or None, tls_version=ssl.PROTOCOL_TLS_CLIENT)
        client.on_connect, client.on_message = self._on_connect, self._on_message
        return client

    def connect(self) -> None:
        """Open the connection; whoever was connected before goes on where it stopped."""
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        properties: Any = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = SESSION_S
        properties.ReceiveMaximum = MOST_UNSTORED
        self.client.connect(
            self._settings["host"], int(self._settings["port"]), KEEPALIVE_S, clean_start=False, properties=properties
        )

    def ended(self) -> None:
        """Say that the connection is gone, unless the broker has said why already."""
        if self._is_open:
            self._is_open = False
            self._sink.report("lost")

    def _topics(self) -> list[tuple[str, int]]:
        topics = [t.strip() for t in str(self._settings["topic"]).split(",") if t.strip()]
        group = self._settings.get("group")
        if group and self._sparkplug is None:
            topics = [t if t.startswith("$share/") else f"$share/{group}/{t}" for t in topics]
        return [(topic, 1) for topic in topics]

    def _on_connect(self, client: Any, _data: Any, _flags: Any, reason: Any, _properties: Any) -> None:
        self._connection += 1
        if reason.is_failure:
            self._sink.report("refused")
            return
        self._is_open = True
        client.subscribe(self._topics())
        self._sink.report("")

    def _on_message(self, _client: Any, _data: Any, message: Any) -> None:
        found, has_time = self._read(message.topic, message.payload)
        digest = (
            hashlib.sha256(message.topic.encode() + b"\0" + message.payload).hexdigest()
            if has_time
            else uuid.uuid4().hex
        )
        self._sink.put(found, key=digest, done=self._acknowledge(message), body=message.payload)
        if self._sparkplug is not None and self._sparkplug.unknown_nodes:
            self._ask_for_births(self._sparkplug.unknown_nodes)

    def _read(self, topic: str, payload: bytes) -> tuple[ReadingColumns | MessageError, bool]:
        try:
            if self._sparkplug is not None:
                return self._sparkplug.read(topic, payload), True
            return read_json_message(topic, payload, now_us=time.time_ns() // 1000)
        except MessageError as error:
            return error, True

    def _acknowledge(self, message: Any) -> Callable[[Exception | None], None]:
        connection = self._connection

        def done(error: Exception | None) -> None:
            # What could not be stored is not acknowledged: the broker sends it again with the next connection.
            if error is None and connection == self._connection:
                self.client.ack(message.mid, message.qos)

        return done

    def _ask_for_births(self, nodes: set[str]) -> None:
        now = time.monotonic()
        for node in nodes:
            if now - self._asked.get(node, -REBIRTH_S) >= REBIRTH_S:
                self._asked[node] = now
                group, _slash, name = node.partition("/")
                command = payload_class()(timestamp=time.time_ns() // 1_000_000)
                command.metrics.add(name="Node Control/Rebirth", datatype=11, boolean_value=True)
                self.client.publish(f"{NAMESPACE}/{group}/NCMD/{name}", command.SerializeToString(), qos=0)


def run(*, settings: Mapping[str, Any], points: Mapping[str, int], sink: Sink, stop: Stop) -> None:
    """Bring messages until stopped; after a fault the connection is made again, each time a little later."""
    import paho.mqtt.client as paho

    session, pause_s = _Session(settings, sink), 1.0
    while not stop.is_set():
        try:
            session.connect()
        except (OSError, ValueError) as error:
            sink.report(fault_of(error))
            stop.wait(pause_s)
            pause_s = min(2 * pause_s, 30.0)
            continue
        began = time.monotonic()
        # The loop ends with the connection; half a second is how long a stop may have to wait.
        while not stop.is_set() and session.client.loop(0.5) == paho.MQTT_ERR_SUCCESS:
            pass
        if not stop.is_set():
            session.ended()
            pause_s = 1.0 if time.monotonic() - began > 10 else min(2 * pause_s, 30.0)
            stop.wait(pause_s)
    session.client.disconnect()


def publish(*, host: str, port: int, topic: str, payload: bytes, username: str = "", password: str = "") -> None:
    """Publish one message as a gateway does, and return once the broker has it."""
    import paho.mqtt.publish as paho

    auth: Any = {"username": username, "password": password} if username else None
    paho.single(topic, payload, qos=1, hostname=host, port=port, auth=auth)


DRIVER = Driver(
    key="mqtt",
    label=_("MQTT broker"),
    note=_("Readings that gateways publish to a broker; each is acknowledged once it is stored for good."),
    simulate=publish,
    settings=SETTINGS,
    run=run,
)
