"""What can happen: the types of facts, their envelope, and how they are read and written.

Here: `types` every fact as a struct; `envelope` its ids, two times and place, and the order of
replay; `plans` and `forms` from a type's annotations to the form of each field; `cloudevents` and
`jsonline` the line of JSON; `codec` the bytes; `schema` the published schema; `currencies` their
decimals.
In: a line of JSON, a mapping, or stored bytes.
Out: an `Envelope`, or a `Refusal` that says what would be right.
Imports: `ledger`.

This room is inside and may change; programs use `replay.library`.
"""
