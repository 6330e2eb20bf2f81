"""What every domain that reads records shares: how a record is asked. Knows no service, no store and no tokenizer."""
