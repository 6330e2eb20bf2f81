"""For those who run the platform: the supervisor, the doctor, the audit. Knows processes and stores, speaks no HTTP for users."""
