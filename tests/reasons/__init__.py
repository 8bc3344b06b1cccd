"""Whether reasons are complete, and no more than that: `docs/reasons.md`.

A pair is a random history and a change of one figure. Where the first thing that comes out
otherwise is something that a ruling says, the ruling must have the figure among its grounds. What
comes in is a seed; what goes out are counts, and for each kind of finding the smallest case.
"""
