"""OpenCode's sessions, which are in a database or, in older versions, in a tree of JSON files."""
