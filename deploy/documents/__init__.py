"""Makes the API documents in `docs/api/`: an OpenAPI document for each service, one AsyncAPI document for all events.

Run from the root of the checkout: `python -m deploy.documents` (`make documents`).
"""
