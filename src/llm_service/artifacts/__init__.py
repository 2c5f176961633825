"""Generated files: what lies under the projects folder, as a tree that follows the disk."""
