"""Taking over a checkpoint that was made elsewhere. Knows no database, Thrift or states."""
