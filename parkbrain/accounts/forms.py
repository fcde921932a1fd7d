"""Forms about people."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Branch, User
from parkbrain.kernel.roles import Permission

from .queries import list_branches, list_grantable_roles


class SignInForm(AuthenticationForm):
    """Sign-in name and password."""

    username = forms.CharField(label=_("Sign-in name"), max_length=60)
    password = forms.CharField(label=_("Password"), strip=False, widget=forms.PasswordInput)


class PersonForm(forms.Form):
    """A new person with a role on a branch; the pickers offer only what the actor may give."""

    username = forms.RegexField(
        label=_("Sign-in name"),
        regex=r"^[a-z0-9][a-z0-9._-]{2,59}$",
        error_messages={"invalid": _("3 to 60 lower-case letters, digits, dots or dashes.")},
    )
    full_name = forms.CharField(label=_("Name"), max_length=80)
    email = forms.EmailField(label=_("E-mail"), required=False)
    role = forms.ChoiceField(label=_("Role"))
    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none())
    subject = forms.CharField(
        label=_("Acts for (unified social credit code)"), max_length=18, required=False, help_text=_("Tenants only.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(r.value, r.label) for r in list_grantable_roles(user=user)]  # type: ignore[attr-defined]
        branches = list_branches(user=user, permission=Permission.MANAGE_PEOPLE)
        self.fields["branch"].queryset = Branch.objects.filter(pk__in=[b.pk for b in branches])  # type: ignore[attr-defined]


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A new password, with the old one to prove that it is oneself."""

    old_password = forms.CharField(label=_("Present password"), strip=False, widget=forms.PasswordInput)
    field_order = ("old_password", "new_password1", "new_password2")

    def clean_old_password(self) -> str:
        """Refuse a wrong present password."""
        old = str(self.cleaned_data["old_password"])
        if not self.user.check_password(old):
            raise forms.ValidationError(_("The present password is wrong."))
        return old
