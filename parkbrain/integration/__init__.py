"""Other programs: personal tokens, the root of the JSON API, and webhooks with their deliveries.

Problems follow RFC 9457, the document OpenAPI 3.1; webhooks are signed as the Standard Webhooks specification says. Knows
no module: modules register their parts of the API upward.
"""
