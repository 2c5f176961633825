"""One exception per meaning. HTTP status, Socket.IO error and exit code are each derived here, once.

Raise the class that names what went wrong; an outlet turns it into its own form with `as_json()`
(REST, Socket.IO), `http_status` (REST) or `exit_code` (command line) and never inspects messages.
"""

from __future__ import annotations

from typing import Any, ClassVar


class ServiceError(Exception):
    """Base of all errors a user may see: a sentence, a code, and details as plain JSON."""

    code: ClassVar[str] = "INTERNAL"
    http_status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def as_json(self) -> dict[str, Any]:
        """The error body of the protocol: `{success: false, error, code, details}`."""
        return {"success": False, "error": self.message, "code": self.code, "details": self.details}


class BadRequest(ServiceError):
    """A parameter or body that cannot be taken as it is."""

    code = "BAD_REQUEST"
    http_status = 400


class Unauthorized(ServiceError):
    """A token is required, and was missing or wrong."""

    code = "UNAUTHORIZED"
    http_status = 401


class Forbidden(ServiceError):
    """Refused at the browser boundary: foreign host, foreign origin, forwarded or cross-site request."""

    code = "FORBIDDEN"
    http_status = 403


class NotFound(ServiceError):
    """Nothing of that name."""

    code = "NOT_FOUND"
    http_status = 404


class MethodNotAllowed(ServiceError):
    """The route exists, but not for this method."""

    code = "METHOD_NOT_ALLOWED"
    http_status = 405


class UnsupportedMediaType(ServiceError):
    """A body of a kind that this route does not take."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    http_status = 415


class TooLarge(ServiceError):
    """A request body over the cap."""

    code = "TOO_LARGE"
    http_status = 413


class NotInSync(ServiceError):
    """`GET /api/sync` ran out of time before everything written had been applied."""

    code = "NOT_IN_SYNC"
    http_status = 504


class BadSettings(ServiceError):
    """A setting that is unknown or has an unusable value; says where it was given."""

    code = "BAD_SETTINGS"
    exit_code = 2


class StartFailed(ServiceError):
    """The dashboard could not be started (no workspace, no free port, ...)."""

    code = "START_FAILED"
    exit_code = 3


class NotRunning(ServiceError):
    """No dashboard runs for this workspace."""

    code = "NOT_RUNNING"
    http_status = 404
    exit_code = 4


class HistoryUnavailable(ServiceError):
    """The history database cannot be used; live state goes on without it."""

    code = "HISTORY_UNAVAILABLE"
    http_status = 503


class Busy(ServiceError):
    """As much of this is going on already as may; the same request can be made again in a moment."""

    code = "BUSY"
    http_status = 503


class FileRefused(ServiceError):
    """Base of the reasons why a file of an agent was not read."""

    code = "UNREADABLE"
    http_status = 422


class PathRefused(FileRefused):
    """A path that is absolute, climbs out, or is not a plain relative path."""

    code = "PATH_REFUSED"


class FileVanished(FileRefused):
    """The file was there when it was listed and is gone now."""

    code = "VANISHED"
    http_status = 404


class FileUnreadable(FileRefused):
    """The operating system does not let us read it (mode, input/output error)."""

    code = "UNREADABLE"


class NotRegular(FileRefused):
    """A FIFO, socket, device, directory or symbolic link where a regular file was expected."""

    code = "NOT_REGULAR"


class NotText(FileRefused):
    """The content is not text: it has no lines to show or to compare."""

    code = "NOT_TEXT"


class FileTooLarge(FileRefused):
    """Bigger than the cap for files of this kind."""

    code = "TOO_LARGE"


class FileChanging(FileRefused):
    """The file changed while it was being read; look again."""

    code = "CHANGING"


class InternalError(FileRefused):
    """Reading a file failed in a way that is our fault."""

    code = "INTERNAL"


class Unparseable(FileRefused):
    """The bytes are not the YAML we can take. `problem` is a `files.Problem`; `text` the decoded text."""

    code = "NOT_YAML"

    def __init__(self, message: str, problem: Any, text: str) -> None:
        super().__init__(message)
        self.problem = problem
        self.text = text
