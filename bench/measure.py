"""Measure one step: time, queries, memory."""

import statistics
import threading
import time


def read_memory(key):
    """Return a figure of this process from the kernel, in MiB (0 where there is none).

    :param str key: ``VmRSS`` for memory in use, ``VmHWM`` for its peak.
    """
    try:
        with open("/proc/self/status") as status:
            for line in status:
                if line.startswith(f"{key}:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def reset_peak():
    """Let the peak of memory start anew from what is in use."""
    try:
        with open("/proc/self/clear_refs", "w") as switch:
            switch.write("5")
    except OSError:
        pass


def measure(env, action):
    """Run one step from a cold record cache, including what it leaves to flush.

    :param env: the environment whose pending work is flushed before and after.
    :param action: function without arguments.
    :return: (what the action returned, {"seconds", "sql_seconds", "queries", "memory_mib"})
    """
    env.cr.flush()
    env.invalidate_all()
    thread = threading.current_thread()
    thread.query_count, thread.query_time = 0, 0.0
    reset_peak()
    before = read_memory("VmRSS")
    start = time.perf_counter()
    result = action()
    # Pre-commit work of mail and others belongs to the step; the commit itself is not measured.
    env.cr.flush()
    seconds = time.perf_counter() - start
    return result, {
        "seconds": seconds,
        "sql_seconds": thread.query_time,
        "queries": thread.query_count,
        "memory_mib": max(0.0, read_memory("VmHWM") - before),
    }


def repeat(times, action):
    """Time a step several times.

    :param int times: how often.
    :param action: function without arguments.
    :return: (what the last call returned, median of the seconds)
    """
    seconds = []
    for _time in range(times):
        start = time.perf_counter()
        result = action()
        seconds.append(time.perf_counter() - start)
    return result, statistics.median(seconds)
