"""What users hold: the Python SDK and the ``modelyard`` command line. Both speak HTTP to the gateway and know no service from inside."""
