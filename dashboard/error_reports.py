"""Error mails and whatever else asks Django for a report: the class of the exception and its frames, and no value.

Django masks settings and parameters by their names. A key in a variable of another name, in a query or in the text of
an exception would go out.
"""

from __future__ import annotations

from collections.abc import ItemsView
from html import escape
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from dashboard.log_lines import REQUEST_ID, exception_fields


class NoValues(SafeExceptionReporterFilter):
    """For reporters of others."""

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        return {}.items()

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return {}

    def get_safe_settings(self) -> dict[str, Any]:
        return {}

    def get_safe_request_meta(self, request: HttpRequest) -> dict[str, Any]:
        return {}

    def get_safe_cookies(self, request: HttpRequest) -> dict[str, Any]:
        return {}


class ShortReporter(ExceptionReporter):
    """Django's own prints the address and the text of the exception, which no filter is asked about."""

    def get_traceback_text(self) -> str:  # type: ignore[override]  # plain text is no markup
        lines = [f"Reference: {self.request.META.get(REQUEST_ID, '')}"] if self.request else []
        if isinstance(self.exc_value, BaseException):  # a record without an exception hands its text over
            fields = exception_fields(self.exc_value)
            lines += [fields["exception"], *fields["traceback"]]
        return "\n".join(lines)

    def get_traceback_html(self) -> str:  # type: ignore[override]  # goes into a mail, not into a template
        return f"<pre>{escape(self.get_traceback_text())}</pre>"
