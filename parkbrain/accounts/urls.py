"""Addresses of sign-in, people and the audit trail."""

from django.urls import path

from . import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("sign-out/", views.sign_out, name="sign_out"),
    path("language/", views.choose_language, name="set_language"),
    path("theme/", views.choose_theme, name="set_theme"),
    path("park/", views.choose_park, name="choose_park"),
    path("people/", views.people, name="people"),
    path("people/<int:membership_id>/remove/", views.remove_member, name="remove_member"),
    path("profile/", views.profile, name="profile"),
    path("audit/", views.audit_trail, name="audit_trail"),
]
