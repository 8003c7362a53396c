import pytest

from quantloom_server.platform.jobs.broker import Broker, as_celery_writes, make_celery
from quantloom_server.platform.jobs.states import Queue
from quantloom_server.settings import Settings
from tests.server.support import IDS


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
        ("unix://:p%40ss@/run/v.sock", "redis+socket://:p%40ss@/run/v.sock?virtual_host=0"),
        ("unix://me:pw@/v.sock?db=1", "redis+socket://me:pw@/v.sock?virtual_host=1"),
        ("unix:///v.sock?password=pw", "redis+socket://:pw@/v.sock?virtual_host=0"),
        ("redis://:pw@host:6379/2", "redis://:pw@host:6379/2"),
        ("rediss://host/0", "rediss://host/0"),
    ],
)
def test_an_address_is_written_as_celery_reads_it(url: str, written: str) -> None:
    assert as_celery_writes(url) == written


def test_a_queue_is_empty_until_a_job_is_sent(settings: Settings) -> None:
    broker = Broker(make_celery(settings))
    before = broker.list_empty()

    broker.send([(IDS.new(), Queue.REPORT), (IDS.new(), Queue.NOTIFY)])
    after = broker.list_empty()
    broker.purge()

    assert set(before) - set(after) == {Queue.REPORT, Queue.NOTIFY}
    assert set(broker.list_empty()) == set(Queue)
    broker.close()
