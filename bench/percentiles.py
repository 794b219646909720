"""Percentiles of plain lists, of a known distribution, and how far a report is from the truth."""

import math


def nearest_rank(values, share):
    """The smallest value that at least `share` of all are not above."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered) - 1e-9), 1) - 1]


def of_stall(share, service_ms, frozen_ms, every_ms):
    """The latency, in ms, that `share` of the arrivals of an even open model do not exceed, when
    the server needs `service_ms` and answers nothing for `frozen_ms` of every `every_ms`: what
    arrives meanwhile, a share of frozen/every of all, waits for what is left of it, any time
    equally likely."""
    unaffected = 1 - frozen_ms / every_ms
    if share <= unaffected:
        return service_ms
    return service_ms + (share - unaffected) / (1 - unaffected) * frozen_ms


SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999}


def excess_us(reported_ms, true_ms, relative, absolute_us):
    """How far an error goes beyond what is allowed (`relative` of the truth and `absolute_us`), in
    us; not above 0 when it is within."""
    return abs(reported_ms - true_ms) * 1000 - (relative * true_ms * 1000 + absolute_us)
