from django.core.exceptions import PermissionDenied
from django.views.decorators.http import require_safe

from members.access import requires
from members.permissions import is_of_network
from practices.views.pages import show_list


@requires("practice.network")
@require_safe
def network_practices(request):
    """The list of practices with what is told to the people of the network alone."""
    if not is_of_network(request.user):  # a place in what has left the network
        raise PermissionDenied
    return show_list(request, reader=request.user)
