"""Composition root: settings, urls, the command line and the processes."""
