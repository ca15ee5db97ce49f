"""Addresses: the admin, the REST API, the health of the program."""

from __future__ import annotations

from importlib.util import find_spec

from django.contrib import admin
from django.templatetags.static import static
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.utils.functional import lazy
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from config import health
from config.rest import outside
from config.rest.tokens import TokenList

urlpatterns: list[URLPattern | URLResolver] = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    # Where browsers look on pages that name no icon. Lazy: hashed names are known once files are gathered.
    path("favicon.ico", RedirectView.as_view(url=lazy(static, str)("driveline/favicon.svg"))),
    path("admin/", admin.site.urls),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("health/live/", health.live, name="health-live"),
    path("health/ready/", health.ready, name="health-ready"),
]
urlpatterns += [
    path("api/v1/", include(f"{app}.api.urls"))
    for app in ("orders", "planning", "inventory")
    if find_spec(f"{app}.api") and find_spec(f"{app}.api.urls")
]
urlpatterns += [path("api/v1/tokens/", TokenList.as_view(), name="token-list")]
urlpatterns += [re_path("^api/", outside.no_such_address, name="no-such-address")]

handler400 = "config.rest.outside.bad_request"
handler500 = "config.rest.outside.server_error"
