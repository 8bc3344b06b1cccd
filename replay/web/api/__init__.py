"""What `--json` prints, over HTTP: `/api/v1`.

Here: `asked` what requests have in common, `answers` JSON with its ETag, `shapes` its schemas;
`creators` what is asked of one creator, and of all in a row, `quick` the short way to one standing;
`supposing` what would be; `papers` what is no JSON; `populations` other rules for everybody;
`facts` facts in, and facts found; `events` the log as it grows; `rulebooks` the rules; `tokens` who
may ask.
In: requests that have passed the gate.
Out: the objects of `replay.library` as JSON, its pages and pictures.
Imports: `ledger`, `projections.readmodels`, `projections.standing`, `replay.library`, `replay.web`,
`replay.web.access`.

This room is inside and may change; its paths and shapes stay.
"""
