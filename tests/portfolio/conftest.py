"""The small demo, for this suite."""

from tests.demo_fixtures import demo_park, loaded_demo

__all__ = ["demo_park", "loaded_demo"]
