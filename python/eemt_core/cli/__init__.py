"""Commands: options, one call, one sentence on stderr. The only package that knows click."""
