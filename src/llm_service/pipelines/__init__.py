"""Pipelines: what agents report about their own work, kept in files of the workspace."""
