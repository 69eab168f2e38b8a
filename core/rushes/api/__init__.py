"""HTTP over a Unix socket: the one door from views to a running pipeline. Import the module you need."""
