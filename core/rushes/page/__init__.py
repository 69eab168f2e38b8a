"""The page: what people see in a browser, and the door in front of it."""
