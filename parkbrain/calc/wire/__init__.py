"""Bytes to values: what meters say on the wire. No sockets here; a driver brings the bytes and takes the values."""
