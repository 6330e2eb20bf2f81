"""Generated from idl/*.thrift by `make contract`; not edited by hand. The contract's enumerations."""

from enum import IntEnum


def name_of(kind: type[IntEnum], number: int) -> str:
    """A member's name; the number as text where a newer service has one that is not known here."""
    return kind(number).name if number in kind._value2member_map_ else str(number)


class ChangeKind(IntEnum):
    MADE = 0
    CHANGED = 1
    DELETED = 2
    PROGRESS = 3


class TaskStatus(IntEnum):
    PENDING = 0
    RUNNING = 10
    WAITING_HUMAN = 20
    PAUSED = 30
    CANCELLING = 40
    SUCCEEDED = 90
    FAILED = 91
    CANCELLED = 92


class TaskReason(IntEnum):
    NONE = 0
    WAIT_CAPACITY = 1
    WAIT_QUOTA = 2
    WAIT_DEPENDENCY = 3
    WAIT_RETRY = 4
    WORKER_LOST = 10
    OUT_OF_MEMORY = 11
    INVALID_INPUT = 12
    POISON = 13
    ENGINE_ERROR = 14
    TIMED_OUT = 15
    USER_REQUEST = 20


class WorkRole(IntEnum):
    ANNOTATOR = 1
    INSPECTOR = 2


class AssignmentStatus(IntEnum):
    HELD = 10
    DONE = 20
    SKIPPED = 30
    RETURNED = 40
    VOID = 50


class ItemStatus(IntEnum):
    OPEN = 0
    INSPECTING = 10
    DONE = 20
    SET_ASIDE = 30


class ClaimBound(IntEnum):
    NOTHING = 0
    NONE_LEFT = 1
    CAP = 2
    AHEAD = 3
    ENOUGH_HELD = 4
    BARRED = 5
    NOT_OPEN = 6


class InspectionVerdict(IntEnum):
    ACCEPT = 1
    CORRECT = 2
    REJECT = 3
    SET_ASIDE = 4


class Role(IntEnum):
    owner = 1
    developer = 2
    annotator = 3
    rater = 4
    inspector = 5
    agent = 6
    viewer = 7
    operator = 8


class Clearance(IntEnum):
    PUBLIC = 0
    INTERNAL = 10
    CONFIDENTIAL = 20
    SECRET = 30


class UserKind(IntEnum):
    PERSON = 0
    SERVICE = 1


class PlaceSecrecy(IntEnum):
    PUBLIC = 0
    INTERNAL = 10
    CONFIDENTIAL = 20
    SECRET = 30


class NodeHealth(IntEnum):
    UP = 0
    DRAINING = 10
    SILENT = 20
    CLOCK_OFF = 30


class QuotaKind(IntEnum):
    PLATFORM = 0
    DEPARTMENT = 1
    PERSON = 2
    SPACE = 3


class QuotaWindow(IntEnum):
    DAY = 0
    WEEK = 1
    MONTH = 2


class ReservationStatus(IntEnum):
    WAITING = 0
    HELD = 10
    RELEASED = 90
    LAPSED = 91
    WITHDRAWN = 92


class ConstraintKind(IntEnum):
    NONE = 0
    QUOTA = 1
    BUDGET = 2
    CAPACITY = 3
    TURN = 4
    NEVER = 5


class PricedResource(IntEnum):
    CPU = 0
    MEMORY = 1
    ACCELERATOR = 2


class CostGroup(IntEnum):
    PERSON = 0
    SPACE = 1
    MODEL_VERSION = 2
    DAY = 3
    KIND = 4
    NODE = 5


class ModelVersionStatus(IntEnum):
    CREATED = 0
    TRAINING = 10
    TRAINED = 20
    EVALUATING = 30
    QUALIFIED = 40
    REJECTED = 45
    RETIRED = 90
    QUARANTINED = 99


class ModelProjectStatus(IntEnum):
    CREATED = 0
    TRAINING = 10
    TRAINED = 20
    EVALUATING = 30
    QUALIFIED = 40
    REJECTED = 45
    ONLINE = 50


class GateVerdictKind(IntEnum):
    PASS = 1
    FAIL = 2
    NO_DATA = 3
    OFF = 4


class EvidenceKind(IntEnum):
    INFORMS = 0
    WEIGHTS = 1
    RELEASE = 2
    HUMAN = 3


class GateLack(IntEnum):
    NOTHING = 0
    NO_EVALUATION = 1
    TOO_FEW_ITEMS = 2
    TOO_MANY_FAILED = 3
    EXPIRED = 4
    MISSED = 5
    UNDEFINED = 6
    UNKNOWN = 7


class GateOverrideStatus(IntEnum):
    ASKED = 0
    LIVE = 10
    WITHDRAWN = 90
    ENDED = 91


class GateComparator(IntEnum):
    AT_LEAST = 1
    AT_MOST = 2


class DatasetType(IntEnum):
    Image = 1
    Text = 2
    Video = 3
    Audio = 4
    Multimodal = 5


class DatasetTaskType(IntEnum):
    Cleaning = 1000
    Augmentation = 2000
    Annotation = 3000
    Conversion = 4000
    Splitting = 5000
    Importing = 6000
    Processing = 7000


class DatasetTaskSubType(IntEnum):
    Strip_Html = 1001
    Remove_Noncompliant = 1002
    Remove_Low_Quality = 1003
    Deduplicate = 1004
    Custom_Cleaning = 1900
    Image_Augmentation = 2001
    Text_Augmentation = 2101
    Audio_Augmentation = 2201
    Video_Augmentation = 2301
    Bounding_Box_Annotation = 3001
    Image_Description = 3002
    Video_Description = 3003
    Sentiment_Analysis = 3004
    Speech_Recognition = 3005
    Question_Answer = 3006
    Text_Classification = 3007
    Format_Conversion = 4001
    Train_Test_Split = 5001
    File_Import = 6001
    Media_Import = 6002
    Link_Import = 6003
    Pydoc_Import = 6004
    Recipe = 7001


class SecrecyLevel(IntEnum):
    PUBLIC = 0
    INTERNAL = 10
    CONFIDENTIAL = 20
    SECRET = 30


class UploadStatus(IntEnum):
    RECEIVING = 0
    COMPLETE = 90
    REFUSED = 91
    DISCARDED = 92
    EXPIRED = 93


class PurgeStatus(IntEnum):
    PURGING = 0
    DONE = 90


class EvalTargetKind(IntEnum):
    WEIGHTS = 1
    ENDPOINT = 2


class RatingType(IntEnum):
    Scale_Rating = 1
    Category_Rating = 2
    Pairwise_Rating = 3
    Free_Text_Rating = 4


class ComparisonVerdict(IntEnum):
    NO_DIFFERENCE_SHOWN = 0
    BETTER = 1
    WORSE = 2


class WorkOrderStatus(IntEnum):
    PENDING = 0
    CONVERTING = 10
    VERIFYING = 20
    PACKAGING = 30
    EVALUATING = 40
    AWAITING_APPROVAL = 50
    PROVISIONING = 60
    SMOKE_TESTING = 70
    CANARY = 80
    ONLINE = 90
    FAILED = 91
    CANCELLED = 92
    REJECTED = 93
    ROLLING_BACK = 94
    ROLLED_BACK = 95


class QuotaHolder(IntEnum):
    PLATFORM = 0
    DEPARTMENT = 1
    PERSON = 2
    SPACE = 3


class KnowledgeSecrecy(IntEnum):
    PUBLIC = 0
    INTERNAL = 10
    CONFIDENTIAL = 20
    SECRET = 30


class DocumentKind(IntEnum):
    PLAIN = 0
    MARKDOWN = 1
    HTML = 2
    PAIRS = 3


class AnswerOutcome(IntEnum):
    PAIR = 0
    MODEL = 10
    QUOTED = 20
    REFUSED = 90


class RefusalCause(IntEnum):
    NONE = 0
    NOTHING_FOUND = 1
    BELOW_THRESHOLD = 2
    UNSUPPORTED = 3
