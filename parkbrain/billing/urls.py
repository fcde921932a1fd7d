"""Where the pages of charges, bills and payments are."""

from __future__ import annotations

from django.urls import path

from . import views

urlpatterns = [
    path("parks/<int:park_id>/billing/", views.billing_home, name="billing_home"),
    path("parks/<int:park_id>/billing/arrears/", views.billing_arrears, name="billing_arrears"),
    path("parks/<int:park_id>/billing/deposits/", views.billing_deposits, name="billing_deposits"),
    path("parks/<int:park_id>/billing/deposits/add/", views.deposit_add, name="deposit_add"),
    path("parks/<int:park_id>/billing/corrections/", views.billing_corrections, name="billing_corrections"),
    path("parks/<int:park_id>/billing/rules/", views.billing_rules, name="billing_rules"),
    path("parks/<int:park_id>/billing/charges/add/", views.charge_add, name="charge_add"),
    path("parks/<int:park_id>/billing/payments/add/", views.payment_add, name="payment_add"),
    path("parks/<int:park_id>/billing/bank/", views.bank_upload, name="bank_upload"),
    path("parks/<int:park_id>/billing/invoices/", views.invoice_upload, name="invoice_upload"),
    path("parks/<int:park_id>/billing/firms/<int:enterprise_id>/", views.billing_firm, name="billing_firm"),
    path(
        "parks/<int:park_id>/billing/firms/<int:enterprise_id>/account.<str:suffix>",
        views.billing_firm_file,
        name="billing_firm_file",
    ),
    path("billing/runs/<int:run_id>/", views.billing_run, name="billing_run"),
    path("billing/runs/<int:run_id>/export.<str:suffix>", views.run_export, name="run_export"),
    path("billing/bank/<int:file_id>/", views.bank_file, name="bank_file"),
    path("billing/charges/", views.charge_list, name="charge_list"),
    path("billing/charges/<int:charge_id>/", views.billing_charge, name="billing_charge"),
    path("deposits/", views.deposit_list, name="deposit_list"),
    path("deposits/<int:deposit_id>/", views.deposit_detail, name="deposit_detail"),
    path("bills/", views.bill_list, name="bill_list"),
    path("bills/<int:bill_id>/", views.bill_detail, name="bill_detail"),
    path("bills/<int:bill_id>/bill.pdf", views.bill_pdf, name="bill_pdf"),
    path("payments/", views.payment_list, name="payment_list"),
    path("payments/<int:payment_id>/", views.payment_detail, name="payment_detail"),
]
