"""What an answer that is no success means: one table, and who reads it."""
