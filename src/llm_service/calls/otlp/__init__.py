"""OTLP/HTTP: spans and log records of programs with telemetry become calls."""
