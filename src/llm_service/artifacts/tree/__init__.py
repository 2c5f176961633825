"""All files of all projects in memory, in a few hundred bytes each."""
