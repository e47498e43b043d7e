"""This app owns no rows."""
