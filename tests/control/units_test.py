"""The systemd units: systemd finds nothing to complain about, and they are as closed as we say.
Exit 77 (skipped) without systemd-analyze."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# Exposure as `systemd-analyze security` counts it, times ten: 15 is 1.5 of 10 (lower is better).
LIMITS = {"gend.service": 15, "gend-metrics-proxy.service": 20}


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def prepare(source, service, place):
    """Copies the units, with the daemon's path replaced by a program that exists here."""
    for unit in source.iterdir():
        if unit.suffix in (".socket", ".service"):
            shutil.copy(unit, place)
    text = pathlib.Path(service).read_text(encoding="utf-8")
    found = re.search(r"^ExecStart=(\S+)", text, re.MULTILINE)
    assert found and found.group(1).endswith("/gend"), "gend.service starts something else"
    (place / "gend.service").write_text(text.replace(found.group(1), "/bin/true"), encoding="utf-8")
    return sorted(place.iterdir())


def main():
    if not shutil.which("systemd-analyze"):
        print("skipped: systemd-analyze is not installed (package systemd)")
        return 77
    source, service = pathlib.Path(sys.argv[1]), sys.argv[2]
    failures = 0
    with tempfile.TemporaryDirectory() as directory:
        place = pathlib.Path(directory)
        units = prepare(source, service, place)
        verified = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                       *map(str, units))
        if verified.returncode != 0 or verified.stderr.strip():
            print("systemd-analyze verify:", verified.stderr)
            failures += 1
        for name, limit in LIMITS.items():
            scored = run("systemd-analyze", "security", "--offline=true", "--no-pager",
                         f"--threshold={limit}", str(place / name))
            print((scored.stdout.strip() or scored.stderr).splitlines()[-1])
            if scored.returncode != 0:
                print(f"{name} is more exposed than {limit / 10}")
                failures += 1
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
