"""OTLP/HTTP: spans of agents' telemetry become calls."""
