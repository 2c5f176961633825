"""What a request may put into a command line: the folder of the project and the file of the specification."""

from __future__ import annotations

import os
from pathlib import Path

from .. import files
from ..errors import BadRequest, FileRefused
from .model import Request
from .reader import is_project

MAX_SPECIFICATION = 100_000


def is_path(specification: str) -> bool:
    """True if a specification names a file instead of being the text."""
    return specification.endswith(".md") and "\n" not in specification and len(specification) < 1_000


def check_request(workspace: str, project: str, specification: str) -> None:
    """Refuse what no job can be made of. Raises BadRequest."""
    if not is_project(project):
        raise BadRequest(f"“{files.printable(project)[:100]}” cannot be the name of a project.")
    if not specification.strip():
        raise BadRequest("The specification is empty: a text, or the path of a file that ends in .md.")
    if len(specification) > MAX_SPECIFICATION:
        raise BadRequest(f"The specification has more than {MAX_SPECIFICATION:,} characters.")
    if is_path(specification):
        try:
            os.close(files.open_file(workspace, specification))
        except FileRefused as refusal:
            raise BadRequest(f"The specification cannot be read: {refusal.message}") from refusal


def parameters_of(request: Request, workspace: str, jobs_folder: str, projects_root: str) -> dict[str, str]:
    """The placeholders of a profile's command line. Makes the folder of the project, and a file of the
    specification if it is a text. Paths are absolute, so none can be taken for an option.

    Raises BadRequest, OSError.
    """
    check_request(workspace, request.project, request.specification)
    project_dir = os.path.join(projects_root, request.project)
    files.require_inside(project_dir)
    if os.path.islink(project_dir):
        raise BadRequest(f"The project {request.project} is a link; a job does not write through one.")
    os.makedirs(project_dir, exist_ok=True)
    if is_path(request.specification):
        specification = os.path.join(workspace, request.specification)
    else:
        specification = os.path.join(jobs_folder, f"{request.job}.md")
        files.write_atomic(Path(specification), f"{request.specification}\n".encode(), durable=False)
    return {
        "job": request.job,
        "project": request.project,
        "project_dir": project_dir,
        "specification": specification,
    }
