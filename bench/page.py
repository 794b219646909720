"""Tables of results: for the terminal, and the page docs/benchmarks.md."""

from goals import verdict


def figure(value, form):
    if value is None:
        return "–"
    return form.format(value)


def cells(case):
    """Rows of texts: the heading, then each contender."""
    rows = [[""] + [heading for _, heading, _ in case["columns"]]]
    for name, each in case["results"].items():
        if "error" in each:
            rows.append([name, f"FAILED: {each['error']}"])
        else:
            rows.append([name] + [figure(each["median"].get(key), form)
                                  for key, _, form in case["columns"]])
    return rows


def failed(row):
    return row[1].startswith("FAILED: ")


def goal_words(goal):
    measured = "–" if goal["measured"] is None else f"{goal['measured']:.3g}"
    if goal["measured"] is not None and abs(goal["measured"]) >= 1000:
        measured = f"{goal['measured']:,.0f}"
    unit = f" {goal['unit']}" if goal["unit"] else ""
    return goal["what"], goal["goal"] + unit, measured, verdict(goal)


def left_out(case):
    reasons = {}
    for name, why in case["left_out"].items():
        reasons.setdefault(why, []).append(name)
    return "; ".join(f"{', '.join(names)}: {why}" for why, names in reasons.items())


def terminal(name, case):
    """The text of one case."""
    rows = cells(case)
    whole = [row for row in rows if len(row) == len(rows[0]) and not failed(row)]
    widths = [max(len(row[i]) for row in whole) for i in range(len(rows[0]))]
    widths[0] = max(len(row[0]) for row in rows)
    lines = [f"\n{name}: {case['title']}"]
    for row in rows:
        aligned = "".join("  " + text.rjust(width) for text, width in zip(row[1:], widths[1:]))
        lines.append("  " + row[0].ljust(widths[0]) + ("  " + row[1] if failed(row) else aligned))
    lines += [f"  left out: {left_out(case)}"] if case["left_out"] else []
    lines += [f"  {note}" for note in case["notes"]]
    for goal in case["goals"]:
        what, wanted, measured, met = goal_words(goal)
        lines.append(f"  goal: {what} {wanted}: {measured}  {met}")
    return "\n".join(lines)


def escaped(text):
    return text.replace("|", "\\|")


def table(rows):
    lines = ["| " + " | ".join(map(escaped, rows[0])) + " |", "|---" * len(rows[0]) + "|"]
    for row in rows[1:]:
        padded = row + [""] * (len(rows[0]) - len(row))
        lines.append("| " + " | ".join(map(escaped, padded)) + " |")
    return lines


def section(name, case):
    lines = [f"### {case['title']}", "",
             f"`bench/run --only {name}`. " + case.get("method", ""), ""]
    lines += table(cells(case)) + [""]
    lines += [f"Left out: {left_out(case)}.", ""] if case["left_out"] else []
    for note in case["notes"]:
        lines += [note, ""]
    if case["goals"]:
        lines += table([["goal", "", "measured", ""]] + [
            [what, wanted, measured, f"**{met}**"]
            for what, wanted, measured, met in map(goal_words, case["goals"])]) + [""]
    return lines


def machine_words(facts):
    kind = "virtual CPUs" if facts["virtual"] else "CPUs"
    return (f"{facts['cores']} {kind} ({facts['cpu']}), {facts['memory_gib']} GiB, kernel "
            f"{facts['kernel']}, {facts['system']}, frequency governor: {facts['governor']}, clock "
            f"{facts['clock']}; load when it began {facts['load_at_start']:.2f}.")


METHOD = """Every case runs its contenders in alternation; rounds: {rounds} of {seconds} s (h2load,
hey, ab, autocannon and Artillery take part in the first only: they are compared by factors). Figures
are medians, ratios are medians of the ratios of each round. The client has CPU 0 for itself and the server CPU 1; all is on 127.0.0.1. CPU for a request is user plus
system time of the whole client (wait4) divided by the requests that it finished: for gend genctl,
daemon, control socket and report included. `bare ring` (io_uring) and `bare epoll` parse and
measure nothing: what they cost is the kernel's. They count from their first request to their last;
where gend is compared with them or with Artillery, what starting, connecting and ending cost (a run
of one request a connection) is taken off (`steady`). A goal that is not met says so."""


def busy(facts):
    """A warning, where others were at work: ratios of one round hold better than single figures."""
    if facts["load_at_start"] < 0.5 * facts["cores"]:
        return []
    return ["", "**The machine was busy with other things when this was measured: its figures, and "
            "which goals are met, mean little. Measure again on a quiet one.**"]


def page(document):
    """docs/benchmarks.md."""
    settings, cases = document["settings"], document["cases"]
    versions = ", ".join(f"{name} {version.removeprefix(name).strip()}"
                         for name, version in document["machine"]["versions"].items())
    lines = ["# What it costs", "",
             "Written by `bench/run --write-docs`, which installs what it needs, builds, and "
             "measures. `bench/run --list` names the cases, `--only CASE` runs one, `--json FILE` "
             "keeps all figures of all rounds, `--build DIR` measures what is built there already.",
             "",
             "## Method", "", METHOD.format(**settings), "",
             "## Machine", "",
             f"Measured {document['date']} on {machine_words(document['machine'])}",
             *busy(document["machine"]),
             "", f"Versions: {versions}.", "", "## Goals", ""]
    every = [[f"{case['title']}: {what}", wanted, measured, f"**{met}**"]
             for case in cases.values()
             for what, wanted, measured, met in map(goal_words, case["goals"])]
    lines += table([["goal", "", "measured", ""]] + every) + ["", "## Cases", ""]
    for name, case in cases.items():
        lines += section(name, case)
    return "\n".join(lines).rstrip() + "\n"
