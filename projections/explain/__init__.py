"""Why a ruling is as it is."""
