"""Pure computation: no framework, no sockets, no clock."""
