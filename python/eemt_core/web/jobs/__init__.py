"""Jobs: what was asked, the process that does it, and how it goes."""
