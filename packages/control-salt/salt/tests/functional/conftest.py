import pytest
from support.salt_local import SaltLocal


@pytest.fixture(scope="module")
def synced(tmp_path_factory, file_roots):
    """A masterless minion that has the extension from ``file_roots``; tests say where their agent is."""
    salt = SaltLocal(tmp_path_factory.mktemp("salt"), [file_roots])
    assert salt.call("saltutil.sync_all").code == 0
    return salt


@pytest.fixture
def salt(synced, agent):
    synced.configure(brine={"state": str(agent.state)})
    return synced
