"""The identity domain owns departments, users, project spaces, memberships, sign-in sessions, API keys and the audit trail.

It calls nobody. The gateway asks it whose a credential is; what that person may then do, every service decides itself.
"""
