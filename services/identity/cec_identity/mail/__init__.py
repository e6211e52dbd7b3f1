"""Mail 電子郵件 to people: written in the transaction of what it tells of, delivered by the worker."""
