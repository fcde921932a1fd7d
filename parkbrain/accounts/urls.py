"""Addresses of sign-in, one's own security, people, approvals and the audit trail.

Names beginning with `account_`, `mfa_` and `openid_connect_` are those by which django-allauth looks its pages up; of
its pages only these exist.
"""

from allauth.socialaccount.providers.openid_connect import views as issuer
from django.urls import path

from . import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-in/code/", views.code, name="mfa_authenticate"),
    path("sign-in/passkey/", views.passkey, name="mfa_login_webauthn"),
    path("sign-in/<slug:provider_id>/start/", issuer.login, name="openid_connect_login"),
    path("sign-in/<slug:provider_id>/back/", issuer.callback, name="openid_connect_callback"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("confirm/", views.confirm, name="account_reauthenticate"),
    path("confirm/code/", views.confirm_code, name="mfa_reauthenticate"),
    path("confirm/passkey/", views.confirm_passkey, name="mfa_reauthenticate_webauthn"),
    path("password/forgotten/", views.password_forgotten, name="password_forgotten"),
    path("password/<str:uid>/<str:token>/", views.password_set, name="password_set"),
    path("language/", views.choose_language, name="set_language"),
    path("theme/", views.choose_theme, name="set_theme"),
    path("park/", views.choose_park, name="choose_park"),
    path("profile/", views.profile, name="profile"),
    path("profile/security/", views.security, name="account_security"),
    path("profile/security/", views.security, name="mfa_index"),
    path("profile/security/", views.security, name="mfa_list_webauthn"),
    path("profile/security/app/", views.activate_app, name="mfa_activate_totp"),
    path("profile/security/app/remove/", views.deactivate_app, name="mfa_deactivate_totp"),
    path("profile/security/codes/", views.codes, name="mfa_view_recovery_codes"),
    path("profile/security/codes/new/", views.new_codes, name="mfa_generate_recovery_codes"),
    path("profile/security/codes/file/", views.download_codes, name="mfa_download_recovery_codes"),
    path("profile/security/passkeys/add/", views.add_passkey, name="mfa_add_webauthn"),
    path("profile/security/passkeys/<int:pk>/remove/", views.remove_passkey, name="mfa_remove_webauthn"),
    path("profile/security/sessions/others/end/", views.end_other_sessions, name="end_other_sessions"),
    path("profile/security/sessions/<int:session_id>/end/", views.end_session, name="end_session"),
    path("people/", views.people, name="people"),
    path("people/grant/", views.grant, name="grant_role"),
    path("people/<int:membership_id>/remove/", views.remove_member, name="remove_member"),
    path("people/<int:user_id>/link/", views.person_link, name="person_link"),
    path("people/<int:user_id>/second-factor/reset/", views.reset_factor, name="reset_factor"),
    path("people/locks/<int:lock_id>/open/", views.unlock, name="unlock_sign_in"),
    path("approvals/", views.approvals, name="approvals"),
    path("approvals/<int:approval_id>/decide/", views.decide, name="decide_approval"),
    path("approvals/<int:approval_id>/withdraw/", views.withdraw, name="withdraw_approval"),
    path("audit/", views.audit_trail, name="audit_trail"),
]
