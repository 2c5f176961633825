"""Generated files: what is in the projects folder, as a tree that is updated as the disk changes."""
