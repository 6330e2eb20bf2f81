"""Who the tests of a running platform are: the first owner, further owners and spaces made by them, each once per platform."""

from __future__ import annotations

from dataclasses import dataclass, field

from libs.client.sdk import ApiError, Modelyard


@dataclass
class People:
    """Numbers are a test's own: 1 is what the first start made."""

    tokens: dict[int, str] = field(default_factory=dict)
    spaces: dict[int, int] = field(default_factory=lambda: {1: 1})
    joined: set[tuple[int, int]] = field(default_factory=set)

    def space(self, owner: Modelyard, number: int) -> int:
        if number not in self.spaces:
            department = next(owner.departments.list())["id"]
            self.spaces[number] = int(owner.spaces.create(f"space {number}", department)["id"])
        return self.spaces[number]

    def token(self, owner: Modelyard, user: int, space_id: int, role: str = "owner", clearance: str = "SECRET") -> str:
        """An access token of a user with a role in a space; the owner itself for user 1."""
        if user == 1:
            return owner._http.headers["authorization"].removeprefix("Bearer ")
        account = f"user-{user}"
        if user not in self.tokens:
            made = owner.users.create(account)
            self._join(owner, account, space_id, role, clearance)  # before signing in: what the gateway believes is asked once
            with Modelyard(owner.address) as theirs:
                self.tokens[user] = theirs.sign_in(account, owner.users.issue_password(made["id"]))["access_token"]
        elif (user, space_id) not in self.joined:
            self._join(owner, account, space_id, role, clearance)
        self.joined.add((user, space_id))
        return self.tokens[user]

    @staticmethod
    def _join(owner: Modelyard, account: str, space_id: int, role: str, clearance: str) -> None:
        with Modelyard(owner.address, token=owner._http.headers["authorization"].removeprefix("Bearer "), space=space_id) as there:
            try:
                there.memberships.create(account, role, clearance)
            except ApiError as error:
                if error.reason != "ALREADY_EXISTS":
                    raise
