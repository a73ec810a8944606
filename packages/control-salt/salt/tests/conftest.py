import pytest
from make_file_roots import make_file_roots
from support.real_agent import Payload, RealAgent


@pytest.fixture(scope="session")
def file_roots(tmp_path_factory):
    """The extension as a tree for a master's ``file_roots``."""
    directory = tmp_path_factory.mktemp("file-roots")
    make_file_roots(directory)
    return directory


@pytest.fixture(scope="session")
def source(tmp_path_factory):
    """An agent that serves whatever is made with ``make_payload``."""
    agent = RealAgent(tmp_path_factory.mktemp("source")).start()
    yield agent
    agent.kill()


@pytest.fixture(scope="session")
def make_payload(source):
    def make(name, **shape):
        payload = Payload(source.root, name, **shape)
        source.put(payload, mode="seed")
        source.until(name, lambda found: found["complete"])
        return payload

    return make


@pytest.fixture
def agent(tmp_path):
    running = RealAgent(tmp_path / "agent").start()
    yield running
    running.kill()
