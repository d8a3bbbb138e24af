"""What other apps may want to know of collectivities."""

from django.dispatch import Signal

# Sent in the transaction of the change, with `pks`: the keys of those that were written.
collectivities_changed = Signal()
