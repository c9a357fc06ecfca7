"""The developer environment: Odoo, Python packages, PostgreSQL, databases, demo, tests and lint.

Only the standard library is used here: these modules run before any package is installed.
"""
