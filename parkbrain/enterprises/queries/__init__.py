"""What is so about enterprises and about who is where."""

from .boundary import LeftOut, ParkSeries, get_park_series, list_lineage
from .expiries import Expiry, ExpiryCalendar, get_expiry_calendar
from .finding import (
    find_enterprise_hits,
    find_premises_hits,
    list_certificate_attention,
    list_lease_attention,
    list_vacancy_attention,
)
from .history import KINDS, event_line, list_history
from .industries import (
    Industry,
    get_industry,
    get_size_rules,
    industry_name,
    list_divisions,
    list_sections,
    section_of,
)
from .lists import (
    EnterpriseFilter,
    EnterpriseRow,
    OccupancyFilter,
    PremisesFilter,
    PremisesRow,
    count_visible_enterprises,
    enterprise_rows,
    get_premises_totals,
    list_certificate_ends,
    list_enterprises,
    list_lease_ends,
    list_occupancies,
    list_premises,
    premises_rows,
)
from .parks import ParkState, get_park_state, list_stays
from .profile import EnterpriseProfile, certificate_on, editing_park, get_profile, list_visible_stays
from .searching import find_contact_hits, find_document_hits, find_qualification_hits
from .states import BuildingState, PremisesState, StoreyState, list_building_states, list_premises_states, only_storey
from .tenants import Tenant, list_segmented_tenants, list_tenants
from .vacancy import VacancySpell, list_vacancy_spells
from .viewing import Viewer, get_viewer, visible_premises

__all__ = [
    "KINDS",
    "BuildingState",
    "EnterpriseFilter",
    "EnterpriseProfile",
    "EnterpriseRow",
    "Expiry",
    "ExpiryCalendar",
    "Industry",
    "LeftOut",
    "OccupancyFilter",
    "ParkSeries",
    "ParkState",
    "PremisesFilter",
    "PremisesRow",
    "PremisesState",
    "StoreyState",
    "Tenant",
    "VacancySpell",
    "Viewer",
    "certificate_on",
    "count_visible_enterprises",
    "editing_park",
    "enterprise_rows",
    "event_line",
    "find_contact_hits",
    "find_document_hits",
    "find_enterprise_hits",
    "find_premises_hits",
    "find_qualification_hits",
    "get_expiry_calendar",
    "get_industry",
    "get_park_series",
    "get_park_state",
    "get_premises_totals",
    "get_profile",
    "get_size_rules",
    "get_viewer",
    "industry_name",
    "list_building_states",
    "list_certificate_attention",
    "list_certificate_ends",
    "list_divisions",
    "list_enterprises",
    "list_history",
    "list_lease_attention",
    "list_lease_ends",
    "list_lineage",
    "list_occupancies",
    "list_premises",
    "list_premises_states",
    "list_sections",
    "list_segmented_tenants",
    "list_stays",
    "list_tenants",
    "list_vacancy_attention",
    "list_vacancy_spells",
    "list_visible_stays",
    "only_storey",
    "premises_rows",
    "section_of",
    "visible_premises",
]
