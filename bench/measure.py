"""Measure one step: time, processor time, queries, memory."""

import gc
import math
import os
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


def read_server_cpu(cursor):
    """Return the processor seconds the server's process of a connection has used so far.

    Unlike the time on the clock they hardly depend on what else the machine is doing.

    :param cursor: an Odoo cursor.
    :return: seconds, or None where the server runs on another machine.
    """
    pid = cursor._cnx.info.backend_pid
    try:
        with open(f"/proc/{pid}/cmdline") as file:
            # A process of that number here may be something else when the server is elsewhere.
            if cursor.dbname not in file.read():
                return None
        with open(f"/proc/{pid}/stat") as file:
            user, system = file.read().rpartition(")")[2].split()[11:13]
    except OSError:
        return None
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def read_cpu(cursor):
    """Return the processor seconds used by this process and its server process, or None.

    :param cursor: an Odoo cursor.
    """
    server = read_server_cpu(cursor)
    return None if server is None else server + time.process_time()


def measure(env, action):
    """Run one step from a cold record cache, including what it leaves to flush.

    :param env: the environment whose pending work is flushed before and after.
    :param action: function without arguments.
    :return: (what the action returned, {"seconds", "cpu_seconds", "sql_seconds", "queries",
        "memory_mib"}); processor time is None where the server runs on another machine
    """
    env.cr.flush()
    env.invalidate_all()
    # The garbage of the step before is not this step's.
    gc.collect()
    thread = threading.current_thread()
    thread.query_count, thread.query_time = 0, 0.0
    reset_peak()
    before = read_memory("VmRSS")
    cpu = read_cpu(env.cr)
    start = time.perf_counter()
    result = action()
    # Pre-commit work of mail and others belongs to the step; the commit itself is not measured.
    env.cr.flush()
    seconds = time.perf_counter() - start
    return result, {
        "seconds": seconds,
        "cpu_seconds": None if cpu is None else read_cpu(env.cr) - cpu,
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


class Slowest:
    """Notes which statements of this thread took the most time, by place in the code.

    ::

        with Slowest() as slowest:
            ...
        print(slowest.report(10))
    """

    def __init__(self):
        """Start empty."""
        self.found = {}

    def __enter__(self):
        thread = threading.current_thread()
        thread.query_hooks = [*getattr(thread, "query_hooks", ()), self._note]
        return self

    def __exit__(self, *_error):
        thread = threading.current_thread()
        thread.query_hooks = [hook for hook in thread.query_hooks if hook != self._note]

    def _note(self, _cursor, query, _params, _start, seconds):
        """Add one statement; lists of ids and the like do not make it another one."""
        text = " ".join(str(query).split())
        count, total = self.found.get(text, (0, 0.0))
        self.found[text] = count + 1, total + seconds

    def report(self, number, width=150):
        """Return the slowest statements as text: seconds, calls, beginning of the statement.

        :param int number: how many statements.
        :param int width: characters of each statement.
        :rtype: str
        """
        ranked = sorted(self.found.items(), key=lambda pair: -pair[1][1])[:number]
        return "\n".join(
            f"{total:8.3f} s {count:6} x  {text[:width]}" for text, (count, total) in ranked
        )


def get_median(values):
    """Return the median of numbers and a range that holds the true one in 95 of 100 cases.

    The range is read from the ranks, whatever way the numbers scatter.

    :param list[float] values: at least one.
    :return: (median, low, high)
    """
    values = sorted(values)
    reach = 0.98 * len(values) ** 0.5
    low = max(0, math.floor(len(values) / 2 - reach))
    high = min(len(values) - 1, math.ceil(len(values) / 2 + reach))
    return statistics.median(values), values[low], values[high]


def add_up(results):
    """Add up steps that were measured one after the other.

    :param list[dict] results: as ``measure`` returns them.
    :return: sums, and the highest memory; None where a step has no figure.
    :rtype: dict
    """
    total = {}
    for key in ("seconds", "cpu_seconds", "sql_seconds", "queries"):
        values = [result[key] for result in results]
        total[key] = None if None in values else sum(values)
    total["memory_mib"] = max(result["memory_mib"] for result in results)
    return total
