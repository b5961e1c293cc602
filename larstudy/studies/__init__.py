"""One module a study; one function a table or figure."""
