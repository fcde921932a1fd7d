"""Pages of the city and of its data rounds."""

from .city import city, city_certainty, city_plans, draw_parks, plan_parks, stop_drawing, stop_planning

__all__ = ["city", "city_certainty", "city_plans", "draw_parks", "plan_parks", "stop_drawing", "stop_planning"]
