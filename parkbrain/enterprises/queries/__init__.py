"""What is so about enterprises."""

from .industries import (
    Industry,
    get_industry,
    get_size_rules,
    get_space_profiles,
    industry_name,
    list_divisions,
    list_sections,
    section_of,
)

__all__ = [
    "Industry",
    "get_industry",
    "get_size_rules",
    "get_space_profiles",
    "industry_name",
    "list_divisions",
    "list_sections",
    "section_of",
]
