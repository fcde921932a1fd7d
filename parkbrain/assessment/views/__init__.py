"""Pages of stars, facts, ratings and schemes."""

from .certainty_pages import star_certainty
from .fact_pages import fact, facts, withdraw
from .plan_pages import measure_add, measure_change, measure_list, measure_remove, measure_reset, next_star
from .rating_pages import compare, rating_page, rating_pdf, rating_xlsx, ratings, stars_file
from .scheme_pages import document, scheme, scheme_download, schemes
from .star_pages import indicator, stars

__all__ = [
    "compare",
    "document",
    "fact",
    "facts",
    "indicator",
    "measure_add",
    "measure_change",
    "measure_list",
    "measure_remove",
    "measure_reset",
    "next_star",
    "rating_page",
    "rating_pdf",
    "rating_xlsx",
    "ratings",
    "scheme",
    "scheme_download",
    "schemes",
    "star_certainty",
    "stars",
    "stars_file",
    "withdraw",
]
