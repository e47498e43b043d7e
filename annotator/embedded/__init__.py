"""The launcher behind `make up`: real PostgreSQL and Valkey from wheels, the web server and the workers.

`bootstrap` and what it imports run on the system's Python before anything is installed, so they use the
standard library only. Nothing of the platform itself imports this package.
"""
