"""A stub of the lead. Helper "uploads" replaces this file."""


def create(request, *, policy, location):
    raise NotImplementedError


def transfer(request, key, *, on_finished):
    raise NotImplementedError
