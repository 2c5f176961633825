"""Reading files whose authors are not trusted."""
