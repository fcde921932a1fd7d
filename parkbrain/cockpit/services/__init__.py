"""What people decide in the cockpit."""

from .tiles import CannotChooseTiles, choose_tiles, reset_tiles

__all__ = ["CannotChooseTiles", "choose_tiles", "reset_tiles"]
