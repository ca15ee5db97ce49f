"""Parts of addresses, registered once for all apps: import this module before their paths."""

from django.urls import register_converter
from django.urls.converters import StringConverter


class CodeConverter(StringConverter):
    """The code of something. It may hold a slash ("SO/2011/7"), never a character that no database keeps."""

    regex = r"[^\x00-\x1f\x7f]{1,64}"


register_converter(CodeConverter, "code")
