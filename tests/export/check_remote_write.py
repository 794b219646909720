"""Reads our remote writes with Google's protobuf and Python's snappy, and checks values. The message
types are those of Prometheus' prompb/types.proto and remote.proto."""
import math
import pathlib
import subprocess
import sys
import tempfile

try:
    import snappy
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

KINDS = {"double": 1, "int64": 3, "uint64": 4, "int32": 5, "string": 9, "uint32": 13, "sint32": 17,
         "sint64": 18, "message": 11}
MESSAGES = {
    "Label": [("name", 1, "string"), ("value", 2, "string")],
    "Sample": [("value", 1, "double"), ("timestamp", 2, "int64")],
    "BucketSpan": [("offset", 1, "sint32"), ("length", 2, "uint32")],
    "Histogram": [("count_int", 1, "uint64"), ("sum", 3, "double"), ("schema", 4, "sint32"),
                  ("zero_threshold", 5, "double"), ("zero_count_int", 6, "uint64"),
                  ("positive_spans", 11, "BucketSpan*"), ("positive_deltas", 12, "sint64*"),
                  ("timestamp", 15, "int64")],
    "TimeSeries": [("labels", 1, "Label*"), ("samples", 2, "Sample*"),
                   ("histograms", 4, "Histogram*")],
    "WriteRequest": [("timeseries", 1, "TimeSeries*")],
}


def write_request():
    file = descriptor_pb2.FileDescriptorProto(name="t.proto", package="t", syntax="proto3")
    for name, fields in MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, number, kind in fields:
            one = kind.rstrip("*")
            added = message.field.add(name=field, number=number, label=3 if "*" in kind else 1)
            added.type = KINDS.get(one, KINDS["message"])
            if one not in KINDS:
                added.type_name = ".t." + one
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.MessageFactory(pool).GetPrototype(
        pool.FindMessageTypeByName("t.WriteRequest"))


WriteRequest = write_request()


def series_of(names, trends):
    """{labels: series}, of all requests."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder, names, trends], check=True)
        for file in sorted(pathlib.Path(folder).iterdir()):
            request = WriteRequest()
            request.ParseFromString(snappy.uncompress(file.read_bytes()))
            assert not request.FindInitializationErrors()
            for series in request.timeseries:
                labels = [(each.name, each.value) for each in series.labels]
                assert labels == sorted(labels), labels
                assert len({name for name, _ in labels}) == len(labels), labels
                assert all(name and value for name, value in labels), labels
                assert tuple(labels) not in found, labels
                found[tuple(labels)] = series
    return found


def one(found, **wanted):
    wanted = {key.replace("NAME", "__name__"): value for key, value in wanted.items()}
    hits = [series for labels, series in found.items() if wanted.items() <= dict(labels).items()]
    assert len(hits) == 1, (wanted, len(hits))
    return hits[0]


NOW, BEFORE = 1_700_000_001_000, 1_700_000_000_000
DURATION = "http_req_duration"

gend = series_of("gend", "buckets")
for labels in gend:
    assert dict(labels)["job"] == "gend" and dict(labels)["run"] == "the-run", labels
    assert dict(labels)["env"] == "stage", labels
requests = sum(series.samples[-1].value for labels, series in gend.items()
               if dict(labels)["__name__"] == "gend_http_reqs_total")
assert requests == 2000, requests
cart = one(gend, NAME=f"gend_{DURATION}_seconds_count", name="cart")
assert [(s.value, s.timestamp) for s in cart.samples] == [(0, BEFORE), (500, NOW)], cart
assert one(gend, NAME=f"gend_{DURATION}_seconds_bucket", name="cart", le="+Inf").samples[-1].value == 500
assert one(gend, NAME=f"gend_{DURATION}_seconds_bucket", name="cart", le="0.015625").samples[-1].value == 0
assert one(gend, NAME=f"gend_{DURATION}_seconds_bucket", name="cart", le="0.03125").samples[-1].value == 500
users = one(gend, NAME="gend_vus_max", scenario="peak")
assert [(s.value, s.timestamp) for s in users.samples] == [(60, NOW)], users
assert one(gend, NAME="gend_generator_verdict",
           gend_generator_verdict="SUSPECT").samples[-1].value == 1

k6 = series_of("k6", "buckets")
for labels in k6:
    assert dict(labels)["job"] == "k6" and dict(labels)["testid"] == "the-run", labels
ok = sum(series.samples[-1].value for labels, series in k6.items()
         if dict(labels)["__name__"] == "k6_http_reqs_total"
         and dict(labels)["expected_response"] == "true")
assert ok == 1900, ok
assert one(k6, NAME=f"k6_{DURATION}_p99", name="cart").samples[-1].value == 0.02
assert one(k6, NAME="k6_http_req_failed_rate", name="login").samples[-1].value == 0.1
assert one(k6, NAME="k6_data_received_total", scenario="peak").samples[-1].value == 1_500_000
assert one(k6, NAME="k6_orders_total").samples[-1].value == 12.5

native = series_of("k6", "native")
assert not any(dict(labels)["__name__"].endswith("_bucket") for labels in native)
histogram = one(native, NAME=f"k6_{DURATION}_seconds", name="cart").histograms[0]
assert (histogram.count_int, histogram.sum, histogram.schema) == (500, 10, 3), histogram
assert histogram.timestamp == NOW
assert len(histogram.positive_spans) == 1 and histogram.positive_spans[0].length == 1
# Bucket n holds what is above 2^((n-1)/8) and at most 2^(n/8).
assert histogram.positive_spans[0].offset == math.ceil(math.log2(0.02) * 8), histogram
assert list(histogram.positive_deltas) == [500]

login = one(native, NAME=f"k6_{DURATION}_seconds", name="login", expected_response="true")
histogram = login.histograms[0]
counts, at, count, index = {}, 0, 0, 0
for span in histogram.positive_spans:
    at += span.offset
    for _ in range(span.length):
        count += histogram.positive_deltas[index]
        index += 1
        counts[at] = count
        at += 1
assert index == len(histogram.positive_deltas)
assert sum(counts.values()) + histogram.zero_count_int == histogram.count_int == 900
# 0.1, 0.2, … 90 ms: how many lie in each bucket, off by what our own buckets are wide (0.8 %).
for n, count in counts.items():
    low, high = 2 ** ((n - 1) / 8) * 1000, 2 ** (n / 8) * 1000
    exact = sum(low < i / 10 <= high for i in range(1, 901))
    slack = 2 + sum(abs(i / 10 - edge) < 0.008 * edge for edge in (low, high) for i in range(1, 901))
    assert abs(count - exact) <= slack, (n, count, exact, slack)
print(f"{len(gend)} + {len(k6)} + {len(native)} series, all read")
