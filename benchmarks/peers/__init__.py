"""Our speed beside other programs': the same work on the same terrain, one thread each."""
