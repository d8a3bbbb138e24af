from django.db import models


class DemoRecord(models.Model):
    """
    What the demo loader wrote, so that it writes it once.

    A page that a person has edited or deleted since stays as that person left it.
    """

    key = models.CharField(max_length=60, unique=True)
    page_id = models.PositiveBigIntegerField()
    fingerprint = models.CharField(max_length=64, help_text="of the file that it was written from")

    def __str__(self) -> str:
        return self.key
