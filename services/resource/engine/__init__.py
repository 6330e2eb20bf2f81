"""What the resource domain does that is no noun: many callers' writes in one transaction."""
