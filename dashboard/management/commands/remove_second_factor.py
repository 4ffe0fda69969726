"""For who has lost the phone, the keys and the recovery codes, or for the only administrator."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Let somebody sign in with the password alone again; authenticator app, keys and recovery codes are removed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SECOND_FACTOR:
            raise CommandError("DASHBOARD_MFA is off: everybody signs in with the password alone.")
        # Its models can be imported only while it is on.
        from allauth.mfa.models import Authenticator

        user = User.objects.filter(username=options["username"]).first()
        if not user:
            raise CommandError("There is no account of that name.")
        Authenticator.objects.filter(user=user).delete()
        self.stdout.write(f"{user.username} signs in with the password alone.")
