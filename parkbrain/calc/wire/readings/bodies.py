"""Bodies of messages: unpacked, and never further than a limit."""

from __future__ import annotations

import zlib

import pyarrow as pa

from .batch import MessageError

#: What a message may become when it is unpacked [bytes].
LIMIT_BYTES = 64 * 1024 * 1024
_STEP = 1 << 20


def unpack(body: bytes, encoding: str, *, limit: int = LIMIT_BYTES) -> bytes:
    """Return the body as it was before it was compressed.

    Parameters
    ----------
    body
        What came.
    encoding
        Empty or ``identity``, ``gzip``, ``deflate`` or ``zstd``.
    limit
        Longest result [bytes]; a small body that would become longer is not unpacked to its end.

    Raises
    ------
    MessageError
        ``unknown_encoding``, ``not_compressed``, ``truncated`` or ``too_large``.

    Examples
    --------
    >>> unpack(zlib.compress(b"E-1 value=3"), "deflate")
    b'E-1 value=3'
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        if len(body) > limit:
            raise MessageError("too_large", limit_bytes=limit)
        return body
    if name in {"gzip", "x-gzip", "deflate"}:
        return _inflate(body, zlib.MAX_WBITS | 32, limit)
    if name == "zstd":
        return _unpack_zstd(body, limit)
    raise MessageError("unknown_encoding", encoding=name[:40])


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    parts, size, rest = [], 0, body
    while rest:
        unpacker = zlib.decompressobj(window)
        while not unpacker.eof:
            try:
                part = unpacker.decompress(rest, min(_STEP, limit - size + 1))
            except zlib.error as error:
                raise MessageError("not_compressed", detail=str(error)[:80]) from None
            size += len(part)
            if size > limit:
                raise MessageError("too_large", limit_bytes=limit)
            parts.append(part)
            rest = unpacker.unconsumed_tail
            if not part and not rest and not unpacker.eof:
                raise MessageError("truncated")
        # Several members one after the other are one body.
        rest = unpacker.unused_data
    if not parts:
        raise MessageError("truncated")
    return b"".join(parts)


def _unpack_zstd(body: bytes, limit: int) -> bytes:
    parts, size = [], 0
    try:
        with pa.CompressedInputStream(pa.BufferReader(body), "zstd") as stream:
            while part := stream.read(min(_STEP, limit - size + 1)):
                size += len(part)
                if size > limit:
                    raise MessageError("too_large", limit_bytes=limit)
                parts.append(part)
    except (pa.ArrowException, OSError) as error:
        # Truncation shows only at the end; anything else is no zstd at all.
        code = "truncated" if "truncated" in str(error).lower() else "not_compressed"
        raise MessageError(code, detail=str(error)[:80]) from None
    return b"".join(parts)
