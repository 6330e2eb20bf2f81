"""The resource domain owns machine rooms, compute nodes, quotas and what is reserved. It calls nobody; everybody may call it."""
