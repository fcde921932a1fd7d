"""Where the pages of stages, duties and exits are."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import views

urlpatterns: list[URLPattern] = [
    path("parks/<int:park_id>/life/", views.life_board, name="life_board"),
    path("parks/<int:park_id>/life/begin/", views.life_begin, name="life_begin"),
    path("parks/<int:park_id>/life/responsibility/", views.life_matrix, name="life_matrix"),
    path("parks/<int:park_id>/life/positioning/", views.life_positioning, name="life_positioning"),
    path("life/<int:subject_id>/", views.life_subject, name="life_subject"),
    path("life/<int:subject_id>/move/", views.stage_move, name="stage_move"),
    path("life/<int:subject_id>/take-back/", views.stage_take_back, name="stage_take_back"),
    path("life/<int:subject_id>/template/", views.template_adopt, name="template_adopt"),
    path("life/<int:subject_id>/duties/add/", views.duty_add, name="duty_add"),
    path("duties/", views.duty_list, name="duty_list"),
    path("duties/mine/", views.my_duties, name="my_duties"),
    path("duties/responsibility/", views.assignment_list, name="assignment_list"),
    path("duties/<int:duty_id>/", views.duty_detail, name="duty_detail"),
    path("duties/<int:duty_id>/change/", views.duty_change, name="duty_change"),
    path("duties/<int:duty_id>/assign/", views.duty_assign, name="duty_assign"),
    path("duties/<int:duty_id>/assignments/<int:assignment_id>/end/", views.assignment_end, name="assignment_end"),
    path("duties/<int:duty_id>/evidence/", views.evidence_add, name="evidence_add"),
    path("duties/<int:duty_id>/evidence/<int:evidence_id>/remove/", views.evidence_remove, name="evidence_remove"),
    path("duties/<int:duty_id>/finish/", views.duty_finish, name="duty_finish"),
    path("duties/<int:duty_id>/reopen/", views.duty_reopen, name="duty_reopen"),
    path("duties/<int:duty_id>/waive/", views.duty_waive, name="duty_waive"),
    path("duties/<int:duty_id>/papers/<int:document_id>/", views.duty_paper, name="duty_paper"),
    path("projects/", views.project_list, name="project_list"),
    path("projects/<int:project_id>/", views.project_detail, name="project_detail"),
    path("projects/<int:project_id>/change/", views.project_change, name="project_change"),
    path("parks/<int:park_id>/projects/add/", views.project_add, name="project_add"),
]
