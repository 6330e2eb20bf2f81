"""The verbs of the identity domain."""

from services.identity.service.verbs import DAY_MS as DAY_MS
from services.identity.service.verbs import FIRST_SPACE as FIRST_SPACE
from services.identity.service.verbs import IdentityService as IdentityService
