"""Where the pages of stages, duties and exits are."""

from __future__ import annotations

from django.urls import URLPattern, path

from . import views
from .views import efficiency, exits

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
    path("parks/<int:park_id>/efficiency/", efficiency.park_efficiency, name="park_efficiency"),
    path("parks/<int:park_id>/efficiency/<int:year>/mark/", efficiency.mark_add, name="efficiency_mark"),
    path("efficiency/marks/<int:mark_id>/remove/", efficiency.mark_remove, name="efficiency_mark_remove"),
    path("efficiency/runs/<int:efficiency_id>/lock/", efficiency.run_lock, name="efficiency_lock"),
    path("efficiency/runs/<int:efficiency_id>/share/", efficiency.run_share, name="efficiency_share"),
    path("efficiency/firms/<int:result_id>/", efficiency.firm_efficiency, name="firm_efficiency"),
    path("efficiency/space/<int:listed_id>/", efficiency.space_dispose, name="space_dispose"),
    path("exits/triggers/", exits.exit_triggers, name="exit_triggers"),
    path("exits/triggers/<int:trigger_id>/", exits.exit_trigger, name="exit_trigger"),
    path("parks/<int:park_id>/exits/check/", exits.triggers_check, name="triggers_check"),
    path("parks/<int:park_id>/exits/raise/", exits.trigger_raise, name="trigger_raise"),
    path("exits/", exits.exit_cases, name="exit_cases"),
    path("exits/ledger/", exits.exit_ledger, name="exit_ledger"),
    path("parks/<int:park_id>/exits/open/<int:enterprise_id>/", exits.exit_open, name="exit_open"),
    path("exits/<int:case_id>/", exits.exit_case, name="exit_case"),
    path("exits/<int:case_id>/cancel/", exits.exit_cancel, name="exit_cancel"),
    path("exits/<int:case_id>/cost/", exits.exit_cost, name="exit_cost"),
    path("exits/<int:case_id>/share/", exits.exit_share, name="exit_share"),
    path("exits/steps/<int:step_id>/", exits.exit_step, name="exit_step"),
    path("exits/steps/<int:step_id>/not-needed/", exits.exit_step_waive, name="exit_step_waive"),
    path("exits/inspection/<int:item_id>/mended/", exits.item_mend, name="item_mend"),
    path("exits/files/<int:document_id>/", exits.exit_file, name="exit_file"),
]
