"""Servers for the whole session, one of each per worker; ended when it ends."""

from collections.abc import Iterator

import pytest
import servers
from hypothesis import HealthCheck, settings

for profile, examples in (("ledger", 40), ("thorough", 1_000)):
    settings.register_profile(
        profile,
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        print_blob=True,
    )
settings.load_profile("ledger")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.Postgres]:
    with servers.postgres() as server:
        yield server


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    with servers.valkey() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: servers.Postgres) -> str:
    """A new empty database."""
    return postgres_server.database()
