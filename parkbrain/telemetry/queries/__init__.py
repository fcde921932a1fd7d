"""Questions about sources, points and their readings."""

from .directory import Directory, digest_of_secret

__all__ = ["Directory", "digest_of_secret"]
