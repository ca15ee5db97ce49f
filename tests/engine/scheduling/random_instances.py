"""Small random instances of mixed features, as documents, and their optimum by trying everything."""

import itertools
import random

BIG = 10**9


def random_instance(seed, most_tasks=12, features=None):
    """Modes, lags, setups, stocks, releases, due dates: what ``features`` names, or some of them."""
    rng = random.Random(seed)
    names = ["modes", "lags", "setups", "stocks", "dates", "cumulative", "negative", "moments", "cycles"]
    features = features if features is not None else {name for name in names if rng.random() < 0.5}
    machines = rng.randint(1, 3)
    resources = [{"id": f"M{i}", "kind": "machine", "capacity": 1} for i in range(machines)]
    if "cumulative" in features:
        resources.append({"id": "crew", "kind": "renewable", "capacity": rng.randint(2, 4)})
    if "stocks" in features:
        resources.append({"id": "stock", "kind": "nonrenewable", "capacity": rng.randint(4, 30)})
    count = rng.randint(2, most_tasks)
    jobs = [
        {
            "id": job,
            "release": rng.randint(0, 6) if "dates" in features else 0,
            "due": rng.randint(0, 25) if "dates" in features else None,
            "weight": rng.randint(0, 3),
        }
        for job in range(rng.randint(1, 3))
    ]
    tasks = [
        {"id": task, "job": rng.choice(jobs)["id"], "modes": random_modes(rng, resources, features)}
        for task in range(count)
    ]
    precedences = [
        [before, after, random_lag(rng, features)]
        for before, after in itertools.combinations(range(count), 2)
        if rng.random() < 0.25
    ]
    if "cycles" in features:
        precedences += [[after, before, -rng.randint(12, 40)] for before, after, _ in precedences[:2]]
    setups = [
        ["M0", before, after, rng.randint(0, 4)]
        for before, after in itertools.permutations(range(count), 2)
        if "setups" in features and rng.random() < 0.6
    ]
    return {
        "name": f"random-{seed}",
        "objective": "total_weighted_tardiness" if "dates" in features else "makespan",
        "resources": resources,
        "jobs": jobs,
        "tasks": tasks,
        "precedences": precedences,
        "setup_times": setups,
        "calendars": [],
    }


def random_modes(rng, resources, features):
    machines = [each["id"] for each in resources if each["kind"] == "machine"]
    modes = []
    for _ in range(rng.randint(1, 3) if "modes" in features else 1):
        demands = {rng.choice(machines): 1} if rng.random() < 0.9 else {}
        for each in resources:
            if each["kind"] == "renewable" and rng.random() < 0.7:
                demands[each["id"]] = rng.randint(0, each["capacity"])
            if each["kind"] == "nonrenewable":
                demands[each["id"]] = rng.randint(0, 4)
        least = 0 if rng.random() < 0.1 and "setups" not in features else 1
        if "moments" in features and "setups" not in features and rng.random() < 0.4:
            modes.append({"duration": 0, "demands": demands})
            continue
        modes.append({"duration": rng.randint(least, 6), "demands": demands})
    return modes


def random_lag(rng, features):
    low = -4 if "negative" in features else 0
    return rng.randint(low, 3) if "lags" in features else 0


def optimum(document):
    """The least objective, or None where nothing is possible: all modes, all orders, as early as can be.

    For each choice of modes, tasks are placed in every order, never before one that was placed: so an
    optimal schedule is reached in the order of its starts. Lags must not be negative.
    """
    tasks = document["tasks"]
    kinds = {str(each["id"]): each for each in document["resources"]}
    setups = {(str(r), a, b): time for r, a, b, time in document["setup_times"]}
    jobs = {job["id"]: job for job in document["jobs"]}
    before = {task["id"]: [] for task in tasks}
    for first, second, lag in document["precedences"]:
        before[second].append((first, lag))
    best = None
    for modes in itertools.product(*(task["modes"] for task in tasks)):
        if any(
            sum(mode["demands"].get(name, 0) for mode in modes) > each["capacity"]
            for name, each in kinds.items()
            if each["kind"] == "nonrenewable"
        ):
            continue
        if any(
            amount > kinds[name]["capacity"] for mode in modes for name, amount in mode["demands"].items()
        ):
            continue
        chosen = {task["id"]: mode for task, mode in zip(tasks, modes, strict=True)}
        worth = Placement(document["objective"], tasks, chosen, before, kinds, setups, jobs).least(best)
        best = worth if best is None else min(best, worth)
    return best


class Placement:
    """Depth first over the starts in time: each task at the earliest moment that those placed leave it."""

    def __init__(self, objective, tasks, chosen, before, kinds, setups, jobs):
        self.is_makespan = objective == "makespan"
        self.owner = {task["id"]: task["job"] for task in tasks}
        self.chosen, self.before, self.kinds, self.setups, self.jobs = chosen, before, kinds, setups, jobs
        self.best = BIG
        self.start, self.end = {}, {}

    def least(self, known):
        self.best = BIG if known is None else known
        self.branch(0)
        return self.best

    def branch(self, floor):
        if len(self.start) == len(self.chosen):
            self.best = min(self.best, self.worth())
            return
        if self.worth() >= self.best:
            return
        for task in self.chosen:
            if task in self.start or any(first not in self.start for first, _ in self.before[task]):
                continue
            moment = self.earliest(task, floor)
            self.start[task], self.end[task] = moment, moment + self.chosen[task]["duration"]
            self.branch(moment)
            del self.start[task], self.end[task]

    def earliest(self, task, floor):
        moment = max(floor, self.jobs[self.owner[task]]["release"])
        for first, lag in self.before[task]:
            moment = max(moment, self.end[first] + lag)
        while not self.fits(task, moment):
            moment += 1
        return moment

    def fits(self, task, moment):
        mode = self.chosen[task]
        for name, amount in mode["demands"].items():
            if self.kinds[name]["kind"] == "nonrenewable" or amount == 0:
                continue
            if mode["duration"] == 0:
                around = sum(
                    self.chosen[other]["demands"].get(name, 0)
                    for other in self.start
                    if self.start[other] < moment < self.end[other]
                )
                if around + amount > self.kinds[name]["capacity"]:
                    return False
                continue
            users = [
                other
                for other in self.start
                if self.chosen[other]["demands"].get(name, 0) and self.end[other] > self.start[other]
            ]
            taken = sum(self.chosen[o]["demands"][name] for o in users if self.end[o] > moment)
            if taken + amount > self.kinds[name]["capacity"]:
                return False
            if self.kinds[name]["kind"] == "machine" and users:
                last = max(users, key=lambda o: (self.start[o], self.end[o]))
                if moment < self.end[last] + self.setups.get((name, last, task), 0):
                    return False
        return True

    def worth(self):
        if self.is_makespan:
            return max(self.end.values(), default=0)
        finished = {}
        for task, end in self.end.items():
            finished[self.owner[task]] = max(finished.get(self.owner[task], 0), end)
        return sum(
            self.jobs[job]["weight"] * max(0, end - self.jobs[job]["due"]) for job, end in finished.items()
        )
