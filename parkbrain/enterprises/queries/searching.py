"""What the search over everything finds among certificates, documents and contacts of firms."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from parkbrain.kernel import scope
from parkbrain.kernel.models import User
from parkbrain.kernel.names import search_q
from parkbrain.kernel.reading import first_found
from parkbrain.kernel.registry import SearchHit
from parkbrain.kernel.roles import Permission
from parkbrain.kernel.scope import masked

from ..models import Enterprise, EnterpriseContact, EnterpriseDocument, Qualification

#: Shorter numbers hit everything: certificates and telephones are looked for from this many characters on.
LEAST = 2
LEAST_PHONE = 4


def find_qualification_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the certificates whose number holds the text."""
    if len(text) < LEAST:
        return []
    # Who may be seen is asked only of the few that hold the text.
    seen = Exists(Enterprise.objects.visible_to(user).filter(pk=OuterRef("enterprise")))
    held = Qualification.objects.filter(seen, number__icontains=text).order_by("number", "pk")
    # The keys first: a database that joins the firms before it looks at the numbers reads all of them.
    found = Qualification.objects.filter(pk__in=list(held.values_list("pk", flat=True)[:limit]))
    return [
        SearchHit(
            _("Certificate"),
            f"{q.get_kind_display()} {q.number}",
            reverse("enterprise_detail", args=[q.enterprise_id]),
            q.enterprise.name,
        )
        for q in found.select_related("enterprise").order_by("number", "pk")
    ]


def find_document_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the documents of firms whose file name holds the text."""
    if len(text) < LEAST:
        return []
    found = EnterpriseDocument.objects.visible_to(user).filter(document__name__icontains=text)
    return [
        SearchHit(
            _("Document"),
            item.document.name,
            reverse("enterprise_detail", args=[item.enterprise_id]),
            f"{item.get_kind_display()} · {item.enterprise.name}",
        )
        for item in first_found(found.order_by("document__name", "pk"), limit=limit).select_related(
            "document", "enterprise"
        )
    ]


def find_contact_hits(*, user: User, text: str, limit: int) -> list[SearchHit]:
    """Return the contacts whose name holds the text, or, to those who may see numbers, whose telephone or e-mail does."""
    holds = search_q(text)
    if len(text) >= LEAST_PHONE:
        # Who sees a number masked must not find out by searching what stands behind the mask.
        inside = scope.branches_q(user, Permission.VIEW_SENSITIVE, field="park__branch__path")
        inside |= Q(enterprise__uscc__in=scope.own_enterprise_codes(user))
        holds |= inside & (Q(phone__icontains=text) | Q(email__icontains=text))
    found = EnterpriseContact.objects.visible_to(user).filter(holds).order_by("name", "pk")
    hits = []
    for contact in first_found(found, limit=limit).select_related("enterprise", "park__branch"):
        own = contact.enterprise.uscc in scope.own_enterprise_codes(user)
        path = contact.park.branch.path
        phone = contact.phone
        if not own:
            phone = masked(phone, user=user, permission=Permission.VIEW_SENSITIVE, path=path)
        url = reverse("enterprise_detail", args=[contact.enterprise_id])
        detail = " · ".join(part for part in (contact.enterprise.name, phone) if part)
        hits.append(SearchHit(_("Contact"), contact.name, url, detail))
    return hits
