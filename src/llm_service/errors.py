"""The errors that users see: one class for each kind, with its code, HTTP status and exit code.

Raise the class that names what went wrong. REST and Socket.IO send `as_json()`, REST answers with `http_status`,
the command line exits with `exit_code`; no caller inspects messages.
"""

from __future__ import annotations

from typing import Any, ClassVar


class ServiceError(Exception):
    """Base of all errors that a user may see: `message` (a sentence), `code`, and `details` as plain JSON."""

    code: ClassVar[str] = "INTERNAL"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def as_json(self) -> dict[str, Any]:
        """The body of an error response: `{success: false, error, code, details}`."""
        return {"success": False, "error": self.message, "code": self.code, "details": self.details}


class BadRequest(ServiceError):
    """A parameter or a body is not valid."""

    code = "BAD_REQUEST"
    http_status = 400


class TooManyToSort(BadRequest):
    """So many entries are selected that they cannot be sorted that way in reasonable time."""

    code = "TOO_MANY_TO_SORT"


class Unauthorized(ServiceError):
    """A token is required, and it was missing or wrong."""

    code = "UNAUTHORIZED"
    http_status = 401


class Forbidden(ServiceError):
    """The guard refused the request: foreign host, foreign origin, forwarded or cross-site."""

    code = "FORBIDDEN"
    http_status = 403


class NotFound(ServiceError):
    """Nothing with that name exists."""

    code = "NOT_FOUND"
    http_status = 404


class MethodNotAllowed(ServiceError):
    """The route exists, but not for this method."""

    code = "METHOD_NOT_ALLOWED"
    http_status = 405


class UnsupportedMediaType(ServiceError):
    """A body of a type that this route does not accept."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    http_status = 415


class TooLarge(ServiceError):
    """A request body over the limit."""

    code = "TOO_LARGE"
    http_status = 413


class NotInSync(ServiceError):
    """`GET /api/sync` timed out before everything that was written had been applied."""

    code = "NOT_IN_SYNC"
    http_status = 504


class BadSettings(ServiceError):
    """A setting is unknown or has an invalid value; the message says where it was set."""

    code = "BAD_SETTINGS"
    exit_code = 2


class StartFailed(ServiceError):
    """The dashboard could not be started (no workspace, no free port, ...)."""

    code = "START_FAILED"
    exit_code = 3


class NotRunning(ServiceError):
    """No dashboard is running for this workspace, or no orchestrator for this plan."""

    code = "NOT_RUNNING"
    http_status = 404
    exit_code = 4


class PlanNotFound(NotFound):
    """There is no plan of that name."""

    code = "PLAN_NOT_FOUND"


class AlreadyRunning(ServiceError):
    """What was to be started runs already; `details.existingPid` says which process, if that is known."""

    code = "ALREADY_RUNNING"
    http_status = 409


class HistoryUnavailable(ServiceError):
    """The history database cannot be used; everything that does not need it goes on."""

    code = "HISTORY_UNAVAILABLE"
    http_status = 503


class SessionsOff(ServiceError):
    """The session logs of agents are not shown (setting `sessions`)."""

    code = "SESSIONS_OFF"
    http_status = 403


class ControlOff(ServiceError):
    """Starting and stopping programs is switched off (setting `control`)."""

    code = "CONTROL_OFF"
    http_status = 403


class NotApproved(ServiceError):
    """A profile that nobody approved, or that was changed since."""

    code = "NOT_APPROVED"
    http_status = 403


class DiskFull(ServiceError):
    """Too little space is left on the disk to start a program."""

    code = "DISK_FULL"
    http_status = 507


class Busy(ServiceError):
    """The limit of concurrent requests of this kind is reached; the client may retry in a moment."""

    code = "BUSY"
    http_status = 503


class FileRefused(ServiceError):
    """Base of the reasons why a file that an agent wrote was not read."""

    code = "UNREADABLE"
    http_status = 422


class PathRefused(FileRefused):
    """A path that is absolute, leaves its root, or is not a plain relative path."""

    code = "PATH_REFUSED"


class FileVanished(FileRefused):
    """The file does not exist, or not any more."""

    code = "VANISHED"
    http_status = 404


class FileUnreadable(FileRefused):
    """The operating system refused to read it (permissions, input/output error)."""

    code = "UNREADABLE"


class NotRegular(FileRefused):
    """A FIFO, socket, device, directory or symbolic link where a regular file was expected."""

    code = "NOT_REGULAR"


class ForeignLink(FileUnreadable):
    """A hard link to a file of another user than the one who owns the folder."""


class NotText(FileRefused):
    """The content is not text, so it has no lines to show or compare."""

    code = "NOT_TEXT"


class FileTooLarge(FileRefused):
    """Larger than the limit for files of this kind."""

    code = "TOO_LARGE"


class FileChanging(FileRefused):
    """The file changed while it was being read; read it again later."""

    code = "CHANGING"


class InternalError(FileRefused):
    """Reading a file failed because of a defect of this service."""

    code = "INTERNAL"


class Unparseable(FileRefused):
    """The content is not valid YAML, or not a mapping. `problem` is a `files.Problem`, `text` the decoded content."""

    code = "NOT_YAML"

    def __init__(self, message: str, problem: Any, text: str) -> None:
        super().__init__(message)
        self.problem = problem
        self.text = text
