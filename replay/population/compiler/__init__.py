"""A small part of Python, pruned by what is known of it, as machine code.

Here: `program` functions as trees; `known` what is always so in them; `prune` the same without what
that leaves out; `layout` rows in memory; `lower` statements and `values` expressions as
instructions; `machine` code that can be called, and `ptx` code for devices; `names` what both sides
call it.
In: functions over integers and rows, and values that their rows are known to have.
Out: a Python module to be read, machine code, the layout of its rows.
Imports: `projections.fold`.

This room is inside and may change; programs use `replay.library`.
"""
