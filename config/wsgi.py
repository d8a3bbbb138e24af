import os

from django.core.wsgi import get_wsgi_application

from core.wsgi import refuse_other_encodings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")

application = refuse_other_encodings(get_wsgi_application())
