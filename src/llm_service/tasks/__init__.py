"""The task board: YAML files in lanes."""
