"""``manage.py fulfill``: what there is to do every few minutes, by cron or by a beat."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand
from django.template.defaultfilters import pluralize

from fulfillment import money, outbox, runs


class Command(BaseCommand):
    help = "Decide all open orders, ask the bank for what is due, and send what there is to tell."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many orders came out how, and when to come again."""
        result = runs.decide_open()
        counts = Counter(decision.outcome.value for decision in result)
        words = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
        self.stdout.write(f"{_counted(len(result.decisions), 'order')}: {words or 'none is open'}")
        self.stdout.write(f"{_counted(money.move(), 'payment')} moved")
        self.stdout.write(f"{_counted(outbox.deliver(), 'message')} sent")
        if result.wake_at:
            self.stdout.write(f"next: {result.wake_at:%Y-%m-%d %H:%M} UTC")


def _counted(number: int, noun: str) -> str:
    """So many of a thing, in words."""
    return f"{number} {noun}{pluralize(number)}"
