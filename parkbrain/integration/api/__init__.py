"""The root of the JSON API: tokens, problems, the OpenAPI document and its page."""

from .document import api_docs, api_document, get_document
from .root import api_answer, get_api

__all__ = ["api_answer", "api_docs", "api_document", "get_api", "get_document"]
