"""Stands between the dashboard and one run: `python -I -S shim.py FOLDER OPTIONS CWD PROGRAM [ARGUMENT ...]`.

Its own session, and (on Linux) the parent of all that its program leaves behind. It waits for the program and for all
of these, and stops them: on SIGTERM ("stopped") and SIGUSR1 ("budget"), and by itself after `timeout_s`, with a log
that is too long or a disk that is full. At the end it writes `exit.json`. So the dashboard can be killed at any time.

It is given: descriptor 0, a pipe: the program is started once a `g` was read, and never if that ends before;
1 and 2, `output.log`; 3, the folder of the run. OPTIONS: `grace_s:timeout_s:max_log_bytes:min_disk_bytes:pty`, 0 for
none. SIGTERM and SIGUSR1 are blocked at its start, so that none comes too early.

Only what costs little is imported: `signal` (with enum) takes 0.8 MB, json 1.1 MB, and each of them some milliseconds.
It is one file, as it is run alone.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import os
import select
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
FIRST_CHECK_S, CHECK_S = 0.005, 0.25
"""How soon and then how often the length of the log and the free space are checked; sooner if a log grows fast."""
KILL_ROUND_S = 0.02
GIVE_UP_S = 10.0
"""What cannot be killed by then (another user's, or waiting in the kernel) is reported and left."""
RESULT_NAME = "exit.json.tmp"
STOPPED_BY: dict[int, str] = {_signal.SIGTERM: "stopped", getattr(_signal, "SIGUSR1", 0): "budget"}


def become_subreaper() -> None:
    """On Linux: what the program leaves behind becomes our child."""
    if not sys.platform.startswith("linux"):
        return
    try:
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        return


def quoted(text: str) -> str:
    """A JSON string."""
    return '"' + "".join(map(escaped, text)) + '"'


def escaped(char: str) -> str:
    """A character within a JSON string; what is no character of text is replaced."""
    if " " <= char < "\x7f" and char not in '"\\':
        return char
    is_plain = char < "\ud800" or "\ue000" <= char <= "\ufffd"
    return f"\\u{ord(char) if is_plain else 0xFFFD:04x}"


def processes() -> dict[int, tuple[int, int, bytes]]:
    """pid -> (parent, process group, start time), of all that are no zombies; {} without /proc."""
    found = {}
    try:
        names = os.listdir("/proc")
    except OSError:
        return {}
    for name in names:
        if name.isdigit():
            try:
                handle = os.open(f"/proc/{name}/stat", os.O_RDONLY)
                data = os.read(handle, 4_096)
                os.close(handle)
            except OSError:
                continue
            fields = data.rpartition(b")")[2].split()
            if fields[0] not in (b"Z", b"X"):
                found[int(name)] = (int(fields[1]), int(fields[2]), fields[19])
    return found


def descendants() -> list[tuple[int, int, bytes]]:
    """(pid, process group, start time) of all that descend from us, parents first."""
    everyone = processes()
    children: dict[int, list[int]] = {}
    for pid, (parent, _, _) in everyone.items():
        children.setdefault(parent, []).append(pid)
    found: list[tuple[int, int, bytes]] = []
    level = [os.getpid()]
    while level:
        level = [child for parent in level for child in children.get(parent, ())]
        found += [(pid, everyone[pid][1], everyone[pid][2]) for pid in level]
    return found


def send(pid: int, started: bytes, number: int) -> None:
    """Signal this very process, and never another one that has its number by now."""
    handle = None
    try:
        if hasattr(os, "pidfd_open"):
            handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    except OSError:
        handle = None  # a kernel without pidfd
    try:
        known = os.open(f"/proc/{pid}/stat", os.O_RDONLY)
        data = os.read(known, 4_096)
        os.close(known)
        if data.rpartition(b")")[2].split()[19] != started:
            return
        if handle is None:
            os.kill(pid, number)
        else:
            _signal.pidfd_send_signal(handle, number)
    except OSError:
        return  # it has ended, or it is another user's
    finally:
        if handle is not None:
            os.close(handle)


class Shim:
    """One run."""

    def __init__(self, options: str, cwd: str, argv: list[str]) -> None:
        grace, timeout, max_log, min_disk, pty = options.split(":")
        self.grace_s, self.timeout_s = float(grace), float(timeout)
        self.max_log_bytes, self.min_disk_bytes = int(max_log), int(min_disk)
        self.with_terminal = pty == "1"
        self.cwd, self.argv = cwd, argv
        self.program = 0
        self.status: int | None = None
        self.reason = "exited"
        self.message: str | None = None
        self.kill_at: float | None = None
        self.terminal: int | None = None
        self.started_at = time.monotonic()
        self.next_check = self.started_at
        self.check_s = FIRST_CHECK_S
        self.log_bytes = 0
        # Its place on the disk has been taken: the result can be written on a full one.
        self.result = os.open(RESULT_NAME, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=3)
        self.woken, wake = os.pipe()
        os.set_blocking(self.woken, False)
        os.set_blocking(wake, False)
        _signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        for number in (_signal.SIGCHLD, *STOPPED_BY):
            _signal.signal(number, lambda number, frame: None)
        for number in (_signal.SIGHUP, _signal.SIGINT):
            _signal.signal(number, _signal.SIG_IGN)
        _signal.pthread_sigmask(_signal.SIG_SETMASK, ())

    def run(self) -> None:
        """Start the program, wait for all, write how it ended."""
        self.start()
        while self.reap():
            now = time.monotonic()
            self.check(now)
            if self.kill_at is not None and now >= self.kill_at:
                if now >= self.kill_at + GIVE_UP_S:
                    self.message = f"{len(descendants())} processes could not be stopped."
                    break
                self.kill()
            self.wait(now)
        while self.terminal is not None and select.select([self.terminal], [], [], 0)[0]:
            self.copy()
        self.write_result()

    def start(self) -> None:
        """Start the program; if that fails, say why in the result."""
        failed, failure = os.pipe()
        slave = None
        if self.with_terminal:
            import termios

            self.terminal, slave = os.openpty()
            mode = termios.tcgetattr(slave)
            mode[1] &= ~termios.OPOST  # no carriage returns that the program did not write
            mode[3] &= ~termios.ECHO
            termios.tcsetattr(slave, termios.TCSANOW, mode)
            termios.tcsetwinsize(slave, (50, 160))
        self.program = os.fork()
        if self.program == 0:
            self.become_program(slave, failure)
        os.close(failure)
        if slave is not None:
            os.close(slave)
        words = os.read(failed, 100).decode().split()
        os.close(failed)
        if words:
            step, number = words[0], int(words[1])
            subject = self.cwd if step == "cwd" else self.argv[0]
            is_missing = step == "exec" and number in (2, 20)
            self.reason = "not found" if is_missing else "refused"
            what = "There is no such program" if is_missing else os.strerror(number)
            self.message = f"{what}: {subject}"

    def become_program(self, slave: int | None, failure: int) -> None:
        """In the child: be the program. Never returns."""
        step = "session"
        try:
            _signal.set_wakeup_fd(-1)
            for number in (_signal.SIGPIPE, _signal.SIGXFSZ, _signal.SIGHUP, _signal.SIGINT, *STOPPED_BY):
                _signal.signal(number, _signal.SIG_DFL)
            if slave is None:
                os.setsid()
            else:
                os.login_tty(slave)
            null = os.open(os.devnull, os.O_RDONLY)
            os.dup2(null, 0)
            os.close(null)
            os.close(3)
            step = "cwd"
            os.chdir(self.cwd)
            step = "exec"
            os.execvp(self.argv[0], self.argv)  # noqa: S606 - what a person approved
        except OSError as problem:
            os.write(failure, f"{step} {problem.errno}".encode())
        finally:
            os._exit(127)

    def reap(self) -> bool:
        """Collect those that ended; False if nobody is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.program:
                self.status = status

    def wait(self, now: float) -> None:
        """Until something happened or is due."""
        due = self.next_check
        if self.kill_at is not None:
            due = self.kill_at if now < self.kill_at else now + KILL_ROUND_S
        watched = [self.woken] if self.terminal is None else [self.woken, self.terminal]
        ready = select.select(watched, [], [], max(0.0, due - now))[0]
        if self.terminal in ready:
            self.copy()
        if self.woken in ready:
            for number in os.read(self.woken, 512):
                if number in STOPPED_BY:
                    self.stop(STOPPED_BY[number])

    def copy(self) -> None:
        """From the terminal to the log."""
        assert self.terminal is not None  # noqa: S101
        try:
            data = os.read(self.terminal, 65_536)
        except OSError:  # nobody has the other end any more
            data = b""
        if not data:
            os.close(self.terminal)
            self.terminal = None
        while data:
            try:
                data = data[os.write(1, data) :]
            except OSError as problem:
                self.stop("disk full", f"The log could not be written: {problem.strerror}.")
                return

    def check(self, now: float) -> None:
        """Stop what runs too long, writes too much, or fills the disk."""
        if now < self.next_check or self.kill_at is not None:
            return
        if self.timeout_s and now - self.started_at >= self.timeout_s:
            self.stop("timeout", f"It ran longer than {self.timeout_s:g} s.")
            return
        size, before = os.fstat(1).st_size, self.log_bytes
        self.log_bytes = size
        if self.max_log_bytes and size > self.max_log_bytes:
            self.stop("log too long", f"It wrote more than {self.max_log_bytes:,} bytes.")
            return
        if self.min_disk_bytes:
            disk = os.fstatvfs(3)
            if disk.f_bavail * disk.f_frsize < self.min_disk_bytes:
                self.stop("disk full", f"Less than {self.min_disk_bytes / 1e6:,.0f} MB are free.")
                return
        self.check_s, last_s = min(CHECK_S, 2 * self.check_s), self.check_s
        if self.max_log_bytes and size > before:
            until_full_s = (self.max_log_bytes - size) / (size - before) * last_s
            self.check_s = max(FIRST_CHECK_S, min(self.check_s, until_full_s / 2))
        self.next_check = now + self.check_s
        if self.timeout_s:
            self.next_check = min(self.next_check, max(now, self.started_at + self.timeout_s))

    def stop(self, reason: str, message: str | None = None) -> None:
        """Ask all to end; what has not by the end of the grace is killed."""
        if self.kill_at is not None:
            return
        self.reason, self.message = reason, message
        self.kill_at = time.monotonic() + self.grace_s
        in_group = self.signal_group(_signal.SIGTERM)
        for pid, group, started in descendants():
            if not (in_group and group == self.program):  # none is asked twice: some take that as an order
                send(pid, started, _signal.SIGTERM)
            send(pid, started, _signal.SIGCONT)

    def signal_group(self, number: int) -> bool:
        """Signal the group of the program, all of it in one moment; False if its number may be another's by now."""
        if self.status is not None:
            return False
        try:
            os.killpg(self.program, number)
        except OSError:
            return False  # it has ended this moment
        return True

    def kill(self) -> None:
        """Kill all that descend from us. First they are halted, until no new ones appear: none can fork away."""
        halted: set[tuple[int, int, bytes]] = set()
        for _ in range(20):
            new = [one for one in descendants() if one not in halted]
            for pid, _, started in new:
                send(pid, started, _signal.SIGSTOP)
            halted.update(new)
            if not new:
                break
        for pid, _, started in halted:
            send(pid, started, _signal.SIGKILL)
        if not halted:  # no /proc
            self.signal_group(_signal.SIGKILL)

    def write_result(self) -> None:
        """`exit.json`, whole or not at all."""
        code = signal = "null"
        if self.status is not None and self.reason not in ("not found", "refused"):
            number = os.waitstatus_to_exitcode(self.status)
            code, signal = (str(number), "null") if number >= 0 else ("null", str(-number))
        now = time.time()
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
        text = (
            f'{{"code": {code}, "signal": {signal}, "finished_at": "{at}", "reason": {quoted(self.reason)}, '
            f'"message": {"null" if self.message is None else quoted(self.message)}, '
            f'"duration_s": {time.monotonic() - self.started_at:.3f}}}\n'
        ).encode()
        os.pwrite(self.result, text, 0)
        os.ftruncate(self.result, len(text))
        os.fsync(self.result)
        try:
            os.replace(RESULT_NAME, "exit.json", src_dir_fd=3, dst_dir_fd=3)
        except FileNotFoundError:  # somebody removed it
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            os.write(os.open("exit.json", flags, 0o600, dir_fd=3), text)


def main() -> int:
    """0 once the result is written, 3 if nothing was to be started."""
    os.setsid()
    most = os.sysconf("SC_OPEN_MAX")
    os.closerange(4, most if 0 < most < 65_536 else 65_536)  # some servers let their sockets be inherited
    become_subreaper()
    if os.read(0, 1) != b"g":
        return 3
    Shim(sys.argv[2], sys.argv[3], sys.argv[4:]).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
