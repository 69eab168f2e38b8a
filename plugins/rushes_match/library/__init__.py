"""What the ledger holds, made ready to be matched: clips around a time, records of a day, what people decided."""
