"""Fills a database with a sales department of any size."""
