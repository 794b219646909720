"""What a case must hold, as data: a figure computed from its rounds, and a bound."""

import statistics


def done(results, name):
    return results.get(name, {}).get("rounds", [])


def names(results, wanted):
    """`wanted` is the name of a contender, or how the names of several begin (`bare ring*`)."""
    if not wanted.endswith("*"):
        return [wanted] if done(results, wanted) else []
    return [name for name in results if name.startswith(wanted[:-1]) and done(results, name)]


class Ratio:
    """Median of the ratios of each round; against the best one of several contenders."""

    def __init__(self, key, over, under, best=min, under_key=None):
        self.key, self.over, self.under, self.best = key, over, under, best
        self.under_key = under_key or key

    def of(self, results):
        against = names(results, self.under)
        if not against or not done(results, self.over):
            return None
        ratios = []
        for turn, mine in enumerate(done(results, self.over)):
            theirs = [done(results, name)[turn].get(self.under_key) for name in against
                      if turn < len(done(results, name))]
            theirs = [value for value in theirs if value]
            if theirs and self.key in mine:
                ratios.append(mine[self.key] / self.best(theirs))
        return statistics.median(ratios) if ratios else None


class Figure:
    """Median of a figure of one contender."""

    def __init__(self, key, name="gend"):
        self.key, self.name = key, name

    def of(self, results):
        values = [each[self.key] for each in done(results, self.name)
                  if each.get(self.key) is not None]
        return statistics.median(values) if values else None


class Worst(Figure):
    """The largest of all rounds."""

    def of(self, results):
        values = [each[self.key] for each in done(results, self.name)
                  if each.get(self.key) is not None]
        return max(values) if values else None


class Goal:
    """`what` in words, where its figure comes from, and at most or at least how much it may be.
    Without a bound it is for information."""

    def __init__(self, what, source, most=None, least=None, unit=""):
        self.what, self.source, self.unit = what, source, unit
        self.most, self.least = most, least

    def judged(self, results):
        value = self.source.of(results)
        met = None
        if value is not None and (self.most, self.least) != (None, None):
            met = ((self.most is None or value <= self.most)
                   and (self.least is None or value >= self.least))
        bounds = [f"≤ {self.most:g}"] if self.most is not None else []
        bounds += [f"≥ {self.least:g}"] if self.least is not None else []
        return {"what": self.what, "goal": " and ".join(bounds), "unit": self.unit,
                "measured": value, "met": met}


def verdict(judged):
    if not judged["goal"]:
        return "for information"
    return {True: "met", False: "NOT MET", None: "not measured"}[judged["met"]]
