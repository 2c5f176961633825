"""A run: what its program gets, what is written of it, and how its end becomes known."""

from __future__ import annotations

import importlib.util
import json
import os
import py_compile
import re
import stat
import sys
from functools import partial
from pathlib import Path

import pytest
from kit.live import eventually
from kit.runs import Make, marked, program

from llm_service.processes import launcher, shim
from llm_service.processes.model import Profile, RunStatus

SLEEP = "import time; time.sleep(300)"


def shell(script: str, *arguments: str, **options: object) -> Profile:
    values = {"name": "shell", "argv": ("sh", "-c", script, "sh", *arguments), "origin": "user", "grace_s": 0.2}
    return Profile(**{**values, **options})  # type: ignore[arg-type]


def test_output_and_exit_code_are_in_files_that_only_their_owner_can_read(control: Make) -> None:
    one = shell("echo out; echo err >&2; exit 3")
    runs = control(one)
    run = runs.start(one)
    assert run.status is RunStatus.RUNNING
    found = runs.ended(run)
    assert (found.code, found.signal, found.reason, found.message) == (3, None, "exited", None)
    assert runs.log(run) == "out\nerr\n"
    assert json.loads(runs.file(run, "exit.json").read_text())["code"] == 3
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in runs.file(run, ".").iterdir()}
    assert modes == {"output.log": 0o600, "run.json": 0o600, "exit.json": 0o600}
    assert (runs.workspace / "work/runs/.gitignore").read_text() == "*\n"
    assert runs.processes.run(run.run_id).log_bytes == 8


def test_a_program_that_is_killed_has_a_signal_and_no_code(control: Make) -> None:
    one = shell("kill -9 $$")
    found, _ = control(one).outcome(one)
    assert (found.code, found.signal, found.reason) == (None, 9, "exited")


def test_the_program_has_no_input_and_only_its_log_open(control: Make) -> None:
    code = "import os; print(os.read(0, 9), sorted(os.listdir('/proc/self/fd'))[:-1], os.getsid(0) == os.getpid())"
    one = program(code)
    with open(os.devnull) as inherited:
        os.set_inheritable(inherited.fileno(), True)
        _, text = control(one).outcome(one)
    assert text == "b'' ['0', '1', '2'] True\n"


def test_the_environment_is_an_allow_list(control: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LLM_SERVICE_TOKEN", "AWS_SECRET", "OPENAI_API_KEY", "LD_PRELOAD_X"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("PATH", f".:work:{os.environ['PATH']}:")
    one = program("import os; print(sorted(os.environ.items()))", env={"MODE": "quick"}, env_allow=("OPENAI_*", "NONE"))
    _, text = control(one).outcome(one)
    found = dict(eval(text))
    assert (found["MODE"], found["OPENAI_API_KEY"], found["PYTHONUNBUFFERED"]) == ("quick", "secret", "1")
    assert not {"LLM_SERVICE_TOKEN", "AWS_SECRET", "LD_PRELOAD_X", "NONE"} & found.keys()
    assert all(os.path.isabs(folder) for folder in found["PATH"].split(":"))


def test_the_end_is_that_of_all_that_the_program_left_behind(control: Make, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    one = shell('(setsid sh -c "while [ ! -e \\$0 ]; do sleep 0.02; done; echo late" "$1" &) ; exit 4', str(gate))
    runs = control(one)
    run = runs.start(one)
    eventually(lambda: _was_left(run.pid))
    assert runs.processes.run(run.run_id).status is RunStatus.RUNNING
    gate.touch()
    assert runs.ended(run).code == 4
    assert runs.log(run) == "late\n"


def _was_left(shim: int | None) -> bool:
    """True once the program is gone and what it left behind is a child of the shim."""
    children = Path(f"/proc/{shim}/task/{shim}/children").read_text().split()
    try:
        commands = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children]
    except OSError:  # one ended this moment
        return False
    return len(commands) == 1 and b"echo late" in commands[0] and b"exit 4" not in commands[0]


@pytest.mark.parametrize(
    ("argv", "cwd", "reason", "message"),
    [
        (("no-such-program-here",), None, "not found", "There is no such program: no-such-program-here"),
        (("./missing",), None, "not found", "There is no such program: ./missing"),
        (("./plain.txt",), None, "refused", "Permission denied: ./plain.txt"),
        (("./broken",), None, "refused", "Exec format error: ./broken"),
        ((sys.executable,), "no/such/folder", "refused", "No such file or directory: {place}/no/such/folder"),
    ],
)
def test_what_cannot_be_started_says_why(
    control: Make, place: Path, argv: tuple[str, ...], cwd: str | None, reason: str, message: str
) -> None:
    (place / "plain.txt").write_text("no program")
    (place / "broken").write_bytes(b"\x7fELF nothing")
    (place / "broken").chmod(0o755)
    one = Profile(name="one", argv=argv, origin="user", cwd=cwd)
    found, _ = control(one).outcome(one)
    assert (found.code, found.signal, found.reason) == (None, None, reason)
    assert found.message == message.format(place=place)


def test_a_run_that_takes_too_long_is_stopped(control: Make) -> None:
    one = program(SLEEP, timeout_s=0.3, grace_s=60)
    found, _ = control(one).outcome(one)
    assert (found.code, found.signal, found.reason) == (None, 15, "timeout")
    assert found.message == "It ran longer than 0.3 s."
    assert found.duration_s is not None and found.duration_s >= 0.3


def test_a_run_that_writes_too_much_is_stopped(control: Make) -> None:
    one = shell("while true; do echo line; done", max_log_bytes=10_000, grace_s=60)
    found, text = control(one).outcome(one)
    assert (found.signal, found.reason) == (15, "log too long")
    assert len(text) > 10_000
    assert found.message == "It wrote more than 10,000 bytes."


def test_a_run_is_stopped_when_the_disk_is_full(control: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    one = program(SLEEP, grace_s=60)
    runs = control(one, min_disk_space_mb=1_000_000_000)
    room = os.statvfs_result((4096, 4096, *[10**15] * 6, 0, 255))
    with monkeypatch.context() as patch:
        patch.setattr("llm_service.processes.launcher.os.statvfs", lambda path: room)
        run = runs.start(one)
    found = runs.ended(run)
    assert (found.signal, found.reason) == (15, "disk full")
    assert found.message == "Less than 1,000,000,000 MB are free."


def test_with_a_terminal_a_program_writes_line_by_line(control: Make) -> None:
    one = program("import sys, time; print(sys.stdout.isatty(), sys.stdin.isatty()); time.sleep(300)", pty=True)
    runs = control(one)
    run = runs.start(one)
    runs.until_logged(run, "True False\n")
    runs.processes.stop_run(run.run_id)
    assert runs.ended(run).reason == "stopped"
    assert "\r" not in runs.log(run)


def test_all_that_is_written_to_a_terminal_is_in_the_log(control: Make) -> None:
    one = shell("i=0; while [ $i -lt 5000 ]; do echo line $i; i=$((i+1)); done", pty=True)
    found, text = control(one).outcome(one)
    assert found.code == 0
    assert text == "".join(f"line {number}\n" for number in range(5_000))


def test_any_text_can_be_in_a_message(control: Make) -> None:
    name = 'no "quotes\\ \x01 é € 🎉'
    one = Profile(name="one", argv=(name,), origin="user")
    found, _ = control(one).outcome(one)
    assert found.reason == "not found"
    assert found.message == f"There is no such program: {name.replace('🎉', chr(0xFFFD))}"


def test_the_shim_is_small_and_stays_out_of_the_way(control: Make) -> None:
    one = program(SLEEP, "mark-of-the-program")
    runs = control(one)
    run = runs.start(one)
    # A child that was only just forked has the command line of the shim, and is in its session yet.
    alike = partial(marked, "mark-of-the-program")
    (found,) = eventually(lambda: [one for one in alike() if one.pid != run.pid and os.getsid(one.pid) == one.pid])
    assert found.ppid() == run.pid
    assert os.getsid(run.pid or 0) == run.pid and os.getsid(found.pid) == found.pid
    private = re.findall(r"^Private_\w+: +(\d+) kB", Path(f"/proc/{run.pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert 0 < sum(map(int, private)) < 6_000


def in_place_of_the_shim(monkeypatch: pytest.MonkeyPatch, folder: Path, first: str) -> None:
    """From now on shims run these lines first."""
    code = Path(shim.__file__).read_text()
    begin = "from __future__ import annotations\n"
    (folder / "shim.py").write_text(code.replace(begin, f"{begin}{first}\n", 1))
    monkeypatch.setattr(launcher, "shim_file", lambda: str(folder / "shim.py"))


def test_a_clock_that_jumps_moves_no_time_limit(control: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    jumps = "import itertools, time; times = itertools.cycle((0.0, 4e9)); time.time = lambda: next(times)"
    in_place_of_the_shim(monkeypatch, tmp_path, jumps)
    one = program(SLEEP, timeout_s=0.3)
    found, _ = control(one).outcome(one)
    assert (found.reason, found.finished_at) == ("timeout", "1970-01-01T00:00:00.000Z")
    assert found.duration_s is not None and 0.3 <= found.duration_s < 60


def test_a_terminal_whose_log_cannot_be_written_stops_the_run(
    control: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))"
    in_place_of_the_shim(monkeypatch, tmp_path, limit)
    one = shell("while true; do echo line; done", pty=True)
    found, text = control(one).outcome(one)
    assert (found.reason, found.message) == ("disk full", "The log could not be written: File too large.")
    assert text == ("line\n" * 1_000)[:4_096]


def test_a_shim_that_is_not_told_to_go_starts_nothing(tmp_path: Path) -> None:
    """As if the dashboard was killed before all was on the disk."""
    (tmp_path / shim.RESULT_NAME).touch()
    folder = os.open(tmp_path, os.O_RDONLY)
    waiting, go = os.pipe()
    command = [sys.executable, "-I", "-S", shim.__file__, "run", "1:0:0:0:0", "/", "touch", str(tmp_path / "started")]
    actions = [(os.POSIX_SPAWN_DUP2, waiting, 0), (os.POSIX_SPAWN_DUP2, folder, 3)]
    pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=actions)
    for handle in (folder, waiting, go):
        os.close(handle)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    assert [path.name for path in tmp_path.iterdir()] == [shim.RESULT_NAME]


def test_the_shim_is_run_compiled_if_that_is_of_this_source(
    control: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = tmp_path / "shim.py"
    source.write_text(Path(shim.__file__).read_text())
    spec = importlib.util.spec_from_file_location("shim", source)
    assert spec is not None and spec.cached is not None
    monkeypatch.setattr(shim, "__file__", str(source))
    monkeypatch.setattr(shim, "__spec__", spec)
    assert launcher.shim_file() == str(source)
    py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.TIMESTAMP)
    assert launcher.shim_file() == spec.cached
    one = program("raise SystemExit(3)")
    assert control(one).outcome(one)[0].code == 3
    source.write_text(source.read_text() + "\n")
    assert launcher.shim_file() == str(source)
    py_compile.compile(str(source), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    assert launcher.shim_file() == str(source)
