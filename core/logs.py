"""How a line of the log looks."""

import logging
import time


class UtcFormatter(logging.Formatter):
    """Writes the time in UTC: the system's own table of Morocco's time may be out of date."""

    converter = time.gmtime
