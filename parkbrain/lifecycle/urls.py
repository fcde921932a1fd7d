"""Where the pages of stages, duties and exits are."""

from __future__ import annotations

from django.urls import URLPattern, path

from .views import efficiency, exits

urlpatterns: list[URLPattern] = [
    path("parks/<int:park_id>/efficiency/", efficiency.park_efficiency, name="park_efficiency"),
    path("parks/<int:park_id>/efficiency/<int:year>/mark/", efficiency.mark_add, name="efficiency_mark"),
    path("efficiency/marks/<int:mark_id>/remove/", efficiency.mark_remove, name="efficiency_mark_remove"),
    path("efficiency/runs/<int:run_id>/lock/", efficiency.run_lock, name="efficiency_lock"),
    path("efficiency/runs/<int:run_id>/share/", efficiency.run_share, name="efficiency_share"),
    path("efficiency/firms/<int:result_id>/", efficiency.firm_efficiency, name="firm_efficiency"),
    path("efficiency/space/<int:space_id>/", efficiency.space_dispose, name="space_dispose"),
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
