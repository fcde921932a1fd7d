"""Pages of sign-in, one's own security, people, approvals and the audit trail."""

from .approval_pages import approvals, decide, withdraw
from .frame import choose_language, choose_park, choose_theme
from .passwords import password_forgotten, password_set
from .people_pages import audit_trail, grant, people, person_link, remove_member, reset_factor, unlock
from .security import (
    activate_app,
    add_passkey,
    codes,
    deactivate_app,
    download_codes,
    end_other_sessions,
    end_session,
    new_codes,
    profile,
    remove_passkey,
    security,
)
from .signing_in import code, confirm, confirm_code, confirm_passkey, passkey, sign_in, sign_out

__all__ = [
    "activate_app",
    "add_passkey",
    "approvals",
    "audit_trail",
    "choose_language",
    "choose_park",
    "choose_theme",
    "code",
    "codes",
    "confirm",
    "confirm_code",
    "confirm_passkey",
    "deactivate_app",
    "decide",
    "download_codes",
    "end_other_sessions",
    "end_session",
    "grant",
    "new_codes",
    "passkey",
    "password_forgotten",
    "password_set",
    "people",
    "person_link",
    "profile",
    "remove_member",
    "remove_passkey",
    "reset_factor",
    "security",
    "sign_in",
    "sign_out",
    "unlock",
    "withdraw",
]
