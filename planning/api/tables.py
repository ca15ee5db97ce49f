"""Tables over HTTP: a kind goes out as a file; a file comes in as multipart, and what became of each of its
rows is told.
"""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from config.rest.errors import QUERY_MARK
from config.rest.parsers import PayloadTooLarge
from config.rest.views import Endpoint
from planning.services.tables import FORMATS, MAX_BYTES, RowChange, export_table, find_kind, import_table

DRY_RUN = OpenApiParameter("dry_run", OpenApiTypes.BOOL, description="Say what would happen; change nothing.")

FORMAT = OpenApiParameter("format", enum=list(FORMATS), description="Of the file; left out: xlsx.")


class TableExport(Endpoint):
    """A table to take away."""

    serializer_class = serializers.Serializer

    def query_parameters(self) -> frozenset[str]:
        return frozenset({"format"})

    @extend_schema(
        parameters=[FORMAT],
        responses={
            (200, media_type.partition(";")[0]): OpenApiTypes.BINARY for media_type in FORMATS.values()
        },
    )
    def get(self, request: Request, kind: str) -> HttpResponse:
        """Take away the rows of a table as a file that imports again; nobody edited it: nothing changes."""
        file_format = request.query_params.get("format", "xlsx")
        if file_format not in FORMATS:
            reason = ErrorDetail(f"One of {', '.join(FORMATS)} is expected.", code="invalid_choice")
            raise ValidationError({f"{QUERY_MARK}format": [reason]})
        content = export_table(kind=kind, file_format=file_format, by=request.user)
        name = f'attachment; filename="{kind}.{file_format}"'
        headers = {"Content-Disposition": name}
        return HttpResponse(content, content_type=FORMATS[file_format], headers=headers)


class TableFileSerializer(serializers.Serializer[Any]):
    """An xlsx or csv file of at most 5 MB."""

    file = serializers.FileField()


class RowChangeSerializer(serializers.Serializer[Any]):
    """What became of a row; `columns` names those that changed."""

    row = serializers.IntegerField()
    key = serializers.CharField()
    action = serializers.CharField()
    columns = serializers.SerializerMethodField()

    def get_columns(self, row: RowChange) -> list[str]:
        return [name for name, _, _ in row.fields]


class ImportSerializer(serializers.Serializer[Any]):
    """What an import did, or would have done. Rows that are unchanged are only counted."""

    kind = serializers.CharField()
    dry_run = serializers.BooleanField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    notes = serializers.ListField(child=serializers.CharField())
    rows = RowChangeSerializer(source="moved", many=True)


class TableImport(Endpoint):
    """A table to import."""

    parser_classes = (MultiPartParser,)
    serializer_class = TableFileSerializer

    def query_parameters(self) -> frozenset[str]:
        return frozenset({"dry_run"})

    @extend_schema(
        request={"multipart/form-data": TableFileSerializer},
        parameters=[DRY_RUN],
        responses=ImportSerializer,
    )
    def post(self, request: Request, kind: str) -> Response:
        """Import a table, all or nothing. Refused rows are named as `/sheet/row/column`."""
        find_kind(kind)
        dry_run = request.query_params.get("dry_run", "false")
        if dry_run not in {"true", "false"}:
            reason = ErrorDetail("true or false is expected.", code="invalid")
            raise ValidationError({f"{QUERY_MARK}dry_run": [reason]})
        body = TableFileSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        file = body.validated_data["file"]
        if file.size > MAX_BYTES:
            raise PayloadTooLarge(f"The file is larger than {MAX_BYTES} bytes.")
        preview = import_table(
            kind=kind,
            content=file.read(),
            now=timezone.now(),
            by=request.user,
            dry_run=dry_run == "true",
        )
        return Response(ImportSerializer(preview).data)
