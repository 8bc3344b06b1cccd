"""Facts of the archive to rows of the fold, compiled: `standing.history`, creator after creator.

A compiled function holds no figure of another file, so that what was kept of it is never out of
date: kinds come as acts, traits and reasons as arrays.
"""

from projections.archive.compiled import compiled

# What is to be done with a kind of fact.
(
    NOTHING,
    VIOLATION,
    PROFILE,
    POINTS,
    RECOVERY,
    MARK,
    IMPOSED,
    LIFTED,
    MONEY,
    COURSE,
    FEATURE,
    RETRACTION,
) = range(12)


@compiled
def _slot(code, owner, number, slots, used):  # type: ignore[no-untyped-def]
    """The creator's slot of a code, the next one where it is new; `used` counts them."""
    if owner[code] != number:
        owner[code] = number
        slots[code] = used
        return used, used + 1
    return slots[code], used


@compiled
def _day(at, zone, day):  # type: ignore[no-untyped-def]
    """The local day of an instant: `fold.calendar.local_day`."""
    begins, offsets = zone
    low, high = 0, len(begins) - 1
    if at >= begins[high]:
        low = high
    while low < high:
        middle = (low + high + 1) // 2
        if at >= begins[middle]:
            low = middle
        else:
            high = middle - 1
    return (at + offsets[low]) // day


@compiled
def unpack(spans, given, rare, lists, law, words, room, out):  # type: ignore[no-untyped-def]
    """Fill `out` for all creators; returns how many measure rows there are.

    `spans`: rows in their order, and where each creator's begin; `given`: columns by row; `rare`:
    columns by row of the details; `lists`: the measures named there; `law`: what the rulebook and
    the fold say; `words`: what it makes of names; `room`: for slots of one creator.
    """
    order, starts = spans
    ats, kinds, numbers, categories, places = given
    (
        severity, points, side, breach, batch, item, since, level, reputation, mark,
        period, measure, until, account, amount, course, feature, outcome,
    ) = rare  # fmt: skip
    list_starts, list_names = lists
    acts, names_violation, classes, bounds, zone, figures = law
    closes, early, breach_bit, absent, first_at, day, own_accounts = figures
    known_category, known_severity, grades, grade_starts, grade_names = words[0]
    own_account, period_ends, courses, features, outcomes = words[1]
    violations, batches, items, names, imposed, periods, accounts = room
    facts, blank, sizes, measures, first_measures = out
    row_count = 0
    for k in range(len(starts) - 1):
        stamp = k + 1
        violation_count, batch_count, item_count, name_count = 0, 0, 0, 0
        period_count, account_count = 0, own_accounts
        first_row = row_count
        first_measures[k] = first_row
        version = 0
        before_at, before_rank = -(2**62), 0
        for n in range(starts[k], starts[k + 1]):
            i = order[n]
            at, kind, place = ats[i], kinds[i], places[i]
            while at >= bounds[version]:
                version += 1
            rank = classes[kind]
            if at == before_at and rank < before_rank:
                rank = before_rank
            before_at, before_rank = at, rank
            facts[n] = blank[0]
            fact = facts[n]
            fact["kind"], fact["at"], fact["rank"], fact["version"] = kind, at, rank, version
            fact["day"] = _day(at, zone, day)
            slot = absent
            if names_violation[kind]:
                slot, violation_count = _slot(
                    numbers[i], violations[0], stamp, violations[1], violation_count
                )
                fact["violation"] = slot
            act = acts[kind]
            if act == VIOLATION:
                traits = closes
                grade = known_severity[severity[place] + 1] if place >= 0 else 0
                category = known_category[categories[i]]
                fact["category"] = grades[version, category, grade]
                lo, hi = (
                    grade_starts[version, category, grade, 0],
                    grade_starts[version, category, grade, 1],
                )
                if at < first_at:
                    traits |= early
                named_lo, named_hi = 0, 0
                if place >= 0:
                    fact["since"], fact["points"] = since[place], points[place]
                    traits |= side[place]
                    if breach[place]:
                        traits |= breach_bit
                    if item[place] >= 0:
                        about, item_count = _slot(
                            item[place], items[0], stamp, items[1], item_count
                        )
                        fact["about"] = about
                    code = batch[place]
                    if code >= 0:
                        if batches[0][code] == stamp and ats[order[batches[2][code]]] == at:
                            facts[batches[2][code]]["traits"] &= ~closes
                        of, batch_count = _slot(code, batches[0], stamp, batches[1], batch_count)
                        batches[2][code] = n
                        fact["batch"] = of
                    named_lo, named_hi = list_starts[place], list_starts[place + 1]
                fact["traits"] = traits
                if hi > lo or named_hi > named_lo:
                    fact["measures_from"] = row_count - first_row
                    for j in range(named_hi - named_lo + hi - lo):
                        if j < named_hi - named_lo:
                            name = list_names[named_lo + j]
                        else:
                            name = grade_names[lo + j - (named_hi - named_lo)]
                        if names[2][name] == n:
                            continue
                        names[2][name] = n
                        of, name_count = _slot(name, names[0], stamp, names[1], name_count)
                        row = measures[row_count]
                        row["name"], row["violation"], row["before"] = of, slot, absent
                        row_count += 1
                    fact["measures_to"] = row_count - first_row
            elif act == NOTHING:
                continue
            elif place < 0:
                continue  # it gives nothing of what would be looked at here
            elif act == PROFILE:
                fact["level"], fact["reputation"] = level[place], reputation[place]
            elif act == POINTS:
                fact["points"] = points[place]
            elif act == RECOVERY:
                fact["points"] = points[place]
                of, period_count = _slot(period[place], periods[0], stamp, periods[1], period_count)
                fact["slot"], fact["amount"] = of, period_ends[period[place]]
            elif act == MARK:
                fact["mark"] = mark[place]
            elif act == IMPOSED:
                name = measure[place]
                fact["slot"], fact["until"] = row_count - first_row, until[place]
                before = imposed[1][name] if imposed[0][name] == stamp else absent
                imposed[0][name], imposed[1][name] = stamp, row_count - first_row
                of, name_count = _slot(name, names[0], stamp, names[1], name_count)
                row = measures[row_count]
                row["name"], row["violation"], row["before"] = of, absent, before
                row_count += 1
            elif act == LIFTED:
                name = measure[place]
                fact["slot"] = imposed[1][name] if imposed[0][name] == stamp else absent
                imposed[0][name] = 0
            elif act == MONEY:
                of = own_account[account[place]]
                if of < 0:
                    of, account_count = _slot(
                        account[place], accounts[0], stamp, accounts[1], account_count
                    )
                fact["slot"], fact["amount"] = of, amount[place]
            elif act == COURSE:
                fact["slot"] = courses[course[place]]
            elif act == FEATURE:
                fact["slot"] = features[feature[place]]
            elif act == RETRACTION:
                fact["slot"] = outcomes[outcome[place]]
        size = sizes[k]
        size["violations"], size["measures"] = violation_count, row_count - first_row
        size["accounts"], size["periods"] = account_count, period_count
    first_measures[len(starts) - 1] = row_count
    return row_count
