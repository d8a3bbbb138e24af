"""A stub of the lead, to try the pages of writing. Helper A replaces this file."""


class ReviewRefused(Exception):
    pass


class NotComplete(ReviewRefused):
    pass


def submit(*, contribution, person):
    raise ReviewRefused("stub")


def withdraw(*, contribution, person, words=""):
    raise ReviewRefused("stub")


def mark_note_done(*, note, person):
    raise ReviewRefused("stub")
