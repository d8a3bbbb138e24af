"""People with an account."""

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.languages import OWN_NAMES


class UserManager(BaseUserManager):
    """People log in by e-mail; there are no user names."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


class User(AbstractUser):
    """
    A person with an account.

    What they may do is told by `members.permissions`. Whoever leaves is never deleted, as what they
    signed and wrote stays: their row loses all that tells who they were (`deleted_at`).
    """

    username = None
    email = models.EmailField(_("e-mail address"), unique=True)
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=list(OWN_NAMES.items()),
        help_text=_("In which we write to you."),
    )
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    shows_name = models.BooleanField(_("show my name on public pages"), default=False)
    shows_email = models.BooleanField(_("show my e-mail address on public pages"), default=False)
    shows_phone = models.BooleanField(_("show my phone number on public pages"), default=False)
    deleted_at = models.DateTimeField(_("deleted on"), null=True, blank=True, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_whatever_the_case"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name that other people see."""
        if self.deleted_at:
            return gettext("A person who has left")
        return self.get_full_name() or self.email
