"""Send the day's digests now, without a worker."""

from django.utils import timezone

from generation.management.command import OneLineCommand
from review import digests


class Command(OneLineCommand):
    """`manage.py send_digests`; again on the same day it sends what did not leave before."""

    help = "Mail people what they have not read; each gets one mail a day at most."

    def handle(self, *args, **options):
        """Send one after the other; an address that fails keeps nobody else from theirs."""
        sent = failed = 0
        for user_id in digests.due(timezone.now()):
            try:
                sent += bool(digests.send_digest(user_id))
            except OSError as reason:
                failed += 1
                self.stderr.write(f"Not sent to user {user_id}: {reason}")
        self.stdout.write(f"{sent} digests sent, {failed} not.")
