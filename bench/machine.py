"""What was measured on: the facts that decide what figures mean."""

import os
import platform
import re
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))


def first_line(path, default="unknown"):
    try:
        with open(path, encoding="utf-8") as file:
            return file.readline().strip() or default
    except OSError:
        return default


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        found = re.search(r"^model name\s*: (.*)$", info.read(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def memory_gib():
    with open("/proc/meminfo", encoding="ascii") as info:
        return int(re.search(r"MemTotal:\s+(\d+)", info.read()).group(1)) / 2**20


def virtual():
    with open("/proc/cpuinfo", encoding="utf-8") as info:
        return bool(re.search(r"^flags\s*:.*\bhypervisor\b", info.read(), re.MULTILINE))


def operating_system():
    with open("/etc/os-release", encoding="utf-8") as release:
        found = re.search(r'^PRETTY_NAME="?([^"\n]*)', release.read(), re.MULTILINE)
    return found.group(1) if found else "unknown"


def said(*command):
    """The first line that a program says about itself; None when it is not there."""
    if not (os.path.exists(command[0]) or shutil.which(command[0])):
        return None
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0].strip() if lines else None


def package_version(name):
    import json
    try:
        with open(f"{HERE}/peers/node_modules/{name}/package.json", encoding="utf-8") as file:
            return json.load(file)["version"]
    except OSError:
        return None


def debian_version(package):
    done = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True,
                          text=True, check=False) if shutil.which("dpkg-query") else None
    return done.stdout if done and done.returncode == 0 else None


def versions(build):
    found = {
        "gend": said(f"{build}/src/gend/gend", "--version"),
        "nginx": said("/usr/sbin/nginx", "-v"),
        "wrk": debian_version("wrk"),
        "h2load": said("h2load", "--version"),
        "hey": debian_version("hey"),
        "ab": debian_version("apache2-utils"),
        "artillery": package_version("artillery"),
        "autocannon": package_version("autocannon"),
        "node": said("node", "--version"),
        "openssl": said("openssl", "version"),
    }
    return {name: version for name, version in found.items() if version}


def facts(build):
    governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "none visible")
    return {"cpu": cpu_model(), "cores": os.cpu_count(), "virtual": virtual(),
            "memory_gib": round(memory_gib(), 1), "kernel": platform.release(),
            "system": operating_system(), "governor": governor,
            "clock": first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
            "load_at_start": os.getloadavg()[0], "versions": versions(build)}
