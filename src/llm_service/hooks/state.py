"""What a session does after each of its lines: `advance(track, line)`, pure.

`idle` is not blocked: only what says so makes a session wait. A question or a permission is over when its own call
ends, when a person says something, or when the turn ends. No hook says that a permission was refused, and calls of one
turn may run beside each other: so when other calls go on after a permission was asked, it is `derived` that it still
waits, and when a call begins after one of these has ended, the model has gone on, and so it was answered.
"""

from __future__ import annotations

from dataclasses import replace

from .model import Certainty, HookLine, OpenCall, State, Track, Wait
from .vocabulary import Meaning, meaning_of

_MOST_CALLS = 200
_MOST_WAITS = 20
_CONFIRMED, _DERIVED = Certainty.CONFIRMED, Certainty.DERIVED


def advance(track: Track | None, line: HookLine) -> Track:
    """The track with one more line."""
    meaning = meaning_of(line)
    if track is None:
        track = _new(line)
    track = replace(
        track,
        last_at=max(line.time, track.last_at),
        last_event=line.event,
        lines=track.lines + 1,
        client=line.client if line.client != "unknown" else track.client,
        cwd=track.cwd or line.cwd,
        model=line.model or track.model,
        agent=line.agent or track.agent,
    )
    if track.base is State.ENDED and meaning not in (Meaning.START, Meaning.PROMPT, Meaning.CALL_BEGINS):
        return track  # what was under way reports its end late
    step = _STEPS.get(meaning)
    return track if step is None else step(track, line)


def _new(line: HookLine) -> Track:
    return Track(
        session=line.session,
        client=line.client,
        started_at=line.time,
        base=State.WORKING,
        base_since=line.time,
        base_certainty=_DERIVED,
        base_rests_on="it reported something, and not that it stopped",
        last_at=line.time,
        last_event=line.event,
    )


def _based(track: Track, line: HookLine, base: State, rests_on: str, certainty: Certainty = _CONFIRMED) -> Track:
    since = track.base_since if track.base is base else line.time
    return replace(track, base=base, base_since=since, base_rests_on=rests_on, base_certainty=certainty)


def _cleared(track: Track) -> Track:
    return replace(track, waits=(), calls=())


def _start(track: Track, line: HookLine) -> Track:
    how = f" ({line.kind})" if line.kind else ""
    return _based(
        _cleared(track), line, State.IDLE, f"the hook {line.event} said that it started{how}, and no prompt yet"
    )


def _prompt(track: Track, line: HookLine) -> Track:
    return _based(_cleared(track), line, State.WORKING, f"the hook {line.event} said that a person gave it a prompt")


def _call_begins(track: Track, line: HookLine) -> Track:
    waits = []
    for wait in track.waits:
        if wait.subagent != line.subagent:
            waits.append(wait)
        elif not wait.went_on and wait.state is not State.FAILED:
            waits.append(replace(wait, certainty=_DERIVED, rests_on=_unsure(wait)))
    calls = track.calls
    if line.call is not None:
        calls = (*calls, OpenCall(call=line.call, tool=line.tool, subagent=line.subagent))[-_MOST_CALLS:]
    track = replace(track, waits=tuple(waits), calls=calls)
    return _based(
        track, line, State.WORKING, f"the hook {line.event} said that it began to use {line.tool or 'a tool'}"
    )


def _call_ends(track: Track, line: HookLine) -> Track:
    waits = []
    for wait in track.waits:
        is_of_this = wait.subagent == line.subagent and wait.state is not State.FAILED
        if is_of_this and _is_of(wait, line):
            continue
        if is_of_this and line.call is not None and line.call not in wait.siblings:
            wait = replace(wait, went_on=True, certainty=_DERIVED, rests_on=_unsure(wait))
        waits.append(wait)
    calls = tuple(each for each in track.calls if each.call != line.call)
    track = replace(track, waits=tuple(waits), calls=calls)
    return _based(track, line, State.WORKING, f"the hook {line.event} said that it used {line.tool or 'a tool'}")


def _is_of(wait: Wait, line: HookLine) -> bool:
    """True if the call that ended is the one for which the session waits."""
    if wait.call is not None and line.call is not None:
        return wait.call == line.call
    return wait.tool is None or line.tool is None or wait.tool == line.tool


def _unsure(wait: Wait) -> str:
    sure = wait.rests_on.partition("; ")[0]
    return f"{sure}; other calls went on since, and no hook says whether it was answered"


def _asks_permission(track: Track, line: HookLine) -> Track:
    return _waits(track, line, State.PERMISSION, f"the hook {line.event} said so")


def _permission_shown(track: Track, line: HookLine) -> Track:
    rests_on = f"the hook {line.event} ({line.kind}) said so"
    known = next((wait for wait in reversed(track.waits) if wait.state in (State.PERMISSION, State.QUESTION)), None)
    if known is None:
        return _waits(track, line, State.PERMISSION, rests_on)
    sure = replace(known, certainty=_CONFIRMED, rests_on=rests_on, went_on=False, text=known.text or line.text)
    return replace(track, waits=tuple(sure if wait is known else wait for wait in track.waits))


def _asks(track: Track, line: HookLine) -> Track:
    how = f"{line.tool} is a tool that asks a person" if line.tool else f"the hook {line.event} said so"
    if line.tool and line.event == "PreToolUse" and line.call is not None:
        call = OpenCall(call=line.call, tool=line.tool, subagent=line.subagent)
        track = replace(track, calls=(*track.calls, call)[-_MOST_CALLS:])
    return _waits(track, line, State.QUESTION, how)


def _answered(track: Track, line: HookLine) -> Track:
    waits = tuple(wait for wait in track.waits if not (wait.state is State.QUESTION and wait.call is None))
    return _based(replace(track, waits=waits), line, State.WORKING, f"the hook {line.event} said that it was answered")


def _waits(track: Track, line: HookLine, state: State, rests_on: str) -> Track:
    own = next(
        (each for each in reversed(track.calls) if each.tool == line.tool and each.subagent == line.subagent), None
    )
    if line.tool is None and len(track.calls) == 1:
        own = track.calls[0]
    call = line.call or (own.call if own is not None else None)
    wait = Wait(
        state=state,
        since=line.time,
        certainty=_CONFIRMED,
        rests_on=rests_on,
        text=line.text,
        tool=line.tool or (own.tool if own is not None else None),
        call=call,
        subagent=line.subagent,
        siblings=frozenset(each.call for each in track.calls if each.call != call),
    )
    same = next(
        (each for each in track.waits if each.state is state and each.subagent == wait.subagent and each.call == call
         and (call is not None or each.text == wait.text)),
        None,
    )  # fmt: skip
    if same is not None:  # two hooks say the same
        again = replace(same, certainty=_CONFIRMED, rests_on=rests_on, went_on=False, text=same.text or wait.text)
        waits = tuple(again if each is same else each for each in track.waits)
    else:
        waits = (*track.waits, wait)[-_MOST_WAITS:]
    return _based(replace(track, waits=waits), line, State.WORKING, rests_on)


def _is_idle(track: Track, line: HookLine) -> Track:
    """The prompt of the program waits: then no dialog is open in it, but a question in its last message is."""
    rests_on = f"the hook {line.event} ({line.kind}) said that it did nothing for a minute"
    waits = tuple(wait for wait in track.waits if wait.state is State.FAILED or _is_last_words(wait))
    if track.base is State.WORKING and track.base_certainty is _DERIVED and track.base_rests_on.startswith(_BACKGROUND):
        return replace(track, waits=waits)
    return _based(replace(track, waits=waits, calls=()), line, State.IDLE, rests_on)


_LAST_WORDS = "its last message ends with a question"
_BACKGROUND = "its turn ended, and"


def _is_last_words(wait: Wait) -> bool:
    return wait.state is State.QUESTION and wait.rests_on == _LAST_WORDS


def _stop(track: Track, line: HookLine) -> Track:
    waits = [wait for wait in track.waits if wait.subagent is not None]
    if line.asks:
        asked = Wait(state=State.QUESTION, since=line.time, certainty=_DERIVED, rests_on=_LAST_WORDS, text=line.text)
        waits.append(asked)
    calls = tuple(each for each in track.calls if each.subagent is not None)
    track = replace(track, waits=tuple(waits), calls=calls)
    if line.background:
        tasks = "a task runs" if line.background == 1 else f"{line.background:,} tasks run"
        return _based(track, line, State.WORKING, f"{_BACKGROUND} {tasks} in the background", _DERIVED)
    return _based(track, line, State.IDLE, f"the hook {line.event} said that its turn ended")


def _stop_failed(track: Track, line: HookLine) -> Track:
    rests_on = f"the hook {line.event} said that its turn ended with an error"
    failed = Wait(state=State.FAILED, since=line.time, certainty=_CONFIRMED, rests_on=rests_on, text=line.text)
    return _based(replace(_cleared(track), waits=(failed,)), line, State.IDLE, rests_on)


def _interrupted(track: Track, line: HookLine) -> Track:
    return _based(_cleared(track), line, State.IDLE, f"the hook {line.event} said that a person interrupted it")


def _subagent_stop(track: Track, line: HookLine) -> Track:
    waits = tuple(wait for wait in track.waits if wait.subagent is None or wait.subagent != line.subagent)
    calls = tuple(each for each in track.calls if each.subagent is None or each.subagent != line.subagent)
    return replace(track, waits=waits, calls=calls)


def _end(track: Track, line: HookLine) -> Track:
    how = f" ({line.kind})" if line.kind else ""
    return _based(_cleared(track), line, State.ENDED, f"the hook {line.event} said so{how}")


_STEPS = {
    Meaning.START: _start,
    Meaning.PROMPT: _prompt,
    Meaning.CALL_BEGINS: _call_begins,
    Meaning.CALL_ENDS: _call_ends,
    Meaning.ASKS_PERMISSION: _asks_permission,
    Meaning.PERMISSION_SHOWN: _permission_shown,
    Meaning.ASKS: _asks,
    Meaning.ANSWERED: _answered,
    Meaning.IS_IDLE: _is_idle,
    Meaning.STOP: _stop,
    Meaning.STOP_FAILED: _stop_failed,
    Meaning.INTERRUPTED: _interrupted,
    Meaning.SUBAGENT_STOP: _subagent_stop,
    Meaning.END: _end,
}
