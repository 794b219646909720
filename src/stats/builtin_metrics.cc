#include "stats/schema.h"

namespace gend::stats {
namespace {

using enum Kind;
using enum Contains;

const std::vector<Metric> kMetrics{
    {"checks", kRate, kDefault, "Share of checks that passed"},
    {"http_req_duration", kTrend, kTime,
     "Service time of a request: from the first byte sent to the last byte received"},
    {"http_req_duration_corrected", kTrend, kTime,
     "Response time from the intended moment: what a user who came on schedule waited"},
    {"http_req_failed", kRate, kDefault, "Share of requests that failed"},
    {"http_reqs", kTally, kDefault, "Requests by how they ended"},
    {"http_req_retries", kCounter, kDefault, "Requests that were tried again"},
    {"http_reconnects", kCounter, kDefault,
     "Requests sent again because the server had closed the idle connection"},
    {"http_req_blocked", kTrend, kTime, "Waiting for a connection before a request was sent"},
    {"http_req_connecting", kTrend, kTime, "Making the TCP connection"},
    {"http_req_tls_handshaking", kTrend, kTime, "The TLS handshake"},
    {"tls_handshakes", kCounter, kDefault, "TLS handshakes that succeeded"},
    {"tls_resumed", kRate, kDefault, "Share of TLS handshakes that resumed a session"},
    {"http_req_sending", kTrend, kTime, "Handing the request to the kernel"},
    {"http_req_waiting", kTrend, kTime,
     "From the last byte sent to the first byte received (time to first byte)"},
    {"http_req_receiving", kTrend, kTime, "From the first byte received to the last"},
    {"iterations", kCounter, kDefault, "Iterations that ran to their end"},
    {"iteration_duration", kTrend, kTime, "One whole iteration, think time included"},
    {"dropped_iterations", kCounter, kDefault, "Iterations that were due and never began"},
    {"failed_iterations", kCounter, kDefault,
     "Iterations that began and did not do all of their steps"},
    {"loops_cut", kCounter, kDefault, "Loops that ended at their max while they would go on"},
    {"picks", kCounter, kDefault, "Flows that picks and mixes chose"},
    {"captures_missed", kCounter, kDefault, "Captures that found nothing in the response"},
    {"group_duration", kTrend, kTime, "One pass through a group of steps"},
    {"vus", kGauge, kDefault, "Users at work"},
    {"vus_max", kGauge, kDefault, "Users that are allocated"},
    {"data_sent", kCounter, kData, "Bytes sent"},
    {"data_received", kCounter, kData, "Bytes received"},
    {"ws_connecting", kTrend, kTime, "Connecting and the WebSocket handshake"},
    {"ws_sessions", kCounter, kDefault, "WebSocket sessions begun"},
    {"ws_session_duration", kTrend, kTime, "One WebSocket session from handshake to close"},
    {"ws_msgs_sent", kCounter, kDefault, "WebSocket messages sent"},
    {"ws_msgs_received", kCounter, kDefault, "WebSocket messages received"},
    {"ws_ping", kTrend, kTime, "From a WebSocket ping to its pong"},
    {"ws_msg_duration", kTrend, kTime, "From a WebSocket message to the answer that matches it"},
    {"sio_connecting", kTrend, kTime, "Opening a Socket.IO session"},
    {"sio_upgrade", kTrend, kTime, "Upgrading a Socket.IO session from polling to WebSocket"},
    {"sio_ack", kTrend, kTime, "From a Socket.IO event to its acknowledgement"},
    {"sio_disconnects", kCounter, kDefault, "Socket.IO sessions that the server ended"},
    {"sio_ping_missed", kCounter, kDefault, "Socket.IO pings that came too late"},
    {"delivery_latency", kTrend, kTime, "From sending a message to each delivery of it"},
    {"delivery_lost", kRate, kDefault, "Share of expected deliveries that never came"},
    {"delivery_duplicated", kRate, kDefault, "Share of expected deliveries that came twice"},
    {"delivery_reordered", kRate, kDefault,
     "Share of expected deliveries that came out of order"},
    {"delivery_late", kRate, kDefault, "Share of expected deliveries that came too late"},
    {"delivery_reach", kRate, kDefault, "Share of expected deliveries that came"},
    {"sql_query_duration", kTrend, kTime, "One SQL query, answer included"},
    {"sql_rows", kCounter, kDefault, "Rows returned or changed by SQL queries"},
    {"sql_failed", kRate, kDefault, "Share of SQL queries that failed"},
    {"gen_lag", kTrend, kTime, "How late the generator itself began work that was due"},
    {"gen_cpu", kGauge, kDefault, "Busy share of the busiest shard, in per cent"},
    {"gen_memory", kGauge, kData, "Resident memory of the generator, in bytes"},
    {"gen_planned", kCounter, kDefault, "Iterations that the plan asked for"},
    {"gen_started", kCounter, kDefault, "Iterations that began"},
};

}  // namespace

const std::vector<Metric>& builtin_metrics() { return kMetrics; }

}  // namespace gend::stats
