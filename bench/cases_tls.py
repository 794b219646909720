"""TLS 1.3: on kept connections, and a handshake for every request. nginx, P-256, no resumption."""

from bench import Case
from cases_http import COLUMNS
from goals import Goal, Ratio


def keep_alive(bench):
    return bench.compare("tls-64", bench.load(64, tls=True), [*bench.others, bench.gend])


def handshakes(bench):
    return bench.compare("tls-handshakes", bench.load(64, tls=True, reconnect=True),
                         [*bench.others, bench.openssl, bench.gend])


CASES = [
    Case("tls-64", "TLS 1.3, keep-alive, 64 connections", keep_alive, COLUMNS,
         [Goal("gend / wrk, CPU a request", Ratio("cpu_us", "gend", "wrk"), most=1)],
         "nginx answers 13 bytes; P-256."),
    Case("tls-handshakes", "TLS 1.3, a handshake for every request, 64 at once", handshakes,
         COLUMNS, [Goal("gend / wrk, CPU a request", Ratio("cpu_us", "gend", "wrk"))],
         "No resumption: nginx gives no tickets. `openssl s_time` makes one at a time. Nobody "
         "verifies."),
]
