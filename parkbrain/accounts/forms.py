"""Forms about people."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ReauthenticateForm
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateCodeForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.utils.translation import gettext_lazy as _

from parkbrain.kernel.models import Branch, User
from parkbrain.kernel.roles import Permission

from .queries import list_branches, list_grantable_roles


def _password_field(label: Any, autocomplete: str) -> forms.CharField:
    return forms.CharField(label=label, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}))


def _code_field(label: Any) -> forms.CharField:
    attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
    return forms.CharField(label=label, max_length=20, widget=forms.TextInput(attrs=attrs))


class SignInForm(AuthenticationForm):
    """Sign-in name or e-mail address, and password."""

    username = forms.CharField(
        label=_("Sign-in name or e-mail"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username webauthn", "autofocus": True}),
    )
    password = _password_field(_("Password"), "current-password")


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    """The second factor at sign-in: a code of the app, or a recovery code."""

    code = _code_field(_("Code"))


class ConfirmForm(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before something that matters."""

    password = _password_field(_("Password"), "current-password")


class ConfirmCodeForm(ReauthenticateCodeForm):  # type: ignore[misc]
    """A code once more, before something that matters."""

    code = _code_field(_("Code"))


class AddAppForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an authenticator app, as proof that it knows the secret."""

    code = _code_field(_("Code that the app shows"))


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey or security key with a name to know it by."""

    name = forms.CharField(label=_("Name of the passkey"), max_length=60, required=False)
    passwordless = forms.BooleanField(
        label=_("Sign in with it alone, without name and password"), required=False, initial=True
    )


class RenewForm(forms.Form):
    """The e-mail address to which a link for a new password goes."""

    email = forms.EmailField(label=_("E-mail"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A new password, after opening a link that works once."""


class GrantForm(forms.Form):
    """A further role for a person who is there already."""

    username = forms.CharField(label=_("Sign-in name"), max_length=60)
    role = forms.ChoiceField(label=_("Role"))
    branch = forms.ModelChoiceField(label=_("Branch"), queryset=Branch.objects.none())
    subject = forms.CharField(
        label=_("Acts for (unified social credit code)"), max_length=18, required=False, help_text=_("Tenants only.")
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer_roles(self, user)


def _offer_roles(form: forms.Form, user: User) -> None:
    """Fill the pickers with the roles and branches that this person may give."""
    form.fields["role"].choices = [(r.value, r.label) for r in list_grantable_roles(user=user)]  # type: ignore[attr-defined]
    branches = list_branches(user=user, permission=Permission.MANAGE_PEOPLE)
    form.fields["branch"].queryset = Branch.objects.filter(pk__in=[b.pk for b in branches])  # type: ignore[attr-defined]


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
        _offer_roles(self, user)


class PasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A new password, with the old one to prove that it is oneself."""

    old_password = _password_field(_("Present password"), "current-password")
    field_order = ("old_password", "new_password1", "new_password2")

    def clean_old_password(self) -> str:
        """Refuse a wrong present password."""
        old = str(self.cleaned_data["old_password"])
        if not self.user.check_password(old):
            raise forms.ValidationError(_("The present password is wrong."))
        return old
