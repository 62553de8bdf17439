"""Contexts whose beginning is interrupted at each of its lines in turn, as by a signal."""

import sys


def begin_interrupted(context, look):
    """Enter a context once for each line that its function has run by then, and not run that line.

    `context` makes it anew, by a function of ``contextlib.contextmanager``; `look` is called after
    each interruption. Returns how many there were.
    """
    count = 0
    while _is_interrupted(context(), at_line=count + 1):
        count += 1
        look()
    return count


def _is_interrupted(context, at_line):
    left = at_line

    def trace(frame, event, _):
        nonlocal left
        if frame.f_code is not context.gen.gi_code:
            return None
        left -= event == "line"
        if left == 0:
            raise KeyboardInterrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        context.__enter__()
    except KeyboardInterrupt:
        return True
    finally:
        sys.settrace(before)
    context.__exit__(None, None, None)
    return False
