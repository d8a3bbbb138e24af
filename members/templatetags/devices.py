"""Browsers in words."""

from django import template

from members.devices import device_of

register = template.Library()
register.filter("device", device_of)
