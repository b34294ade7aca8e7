"""`make demo`, as far as the program carries it: the city is built once, served, and every demo account can sign in."""

import http.client
import json
from contextlib import closing

import pytest
from tests.project.program import PATIENCE_SECONDS, Program, run, until

from wangge.demo.rules.posts import DEMO_ACCOUNTS, DEMO_PASSWORD
from wangge.project.cluster import Cluster
from wangge.project.processes import Roll

REQUESTS = """title,text,created_at
路灯不亮,小区门口的路灯坏了三天,2026-01-02 08:00:00
垃圾没人清,垃圾桶满了一周,2026-01-03 09:00:00
"""


@pytest.fixture(scope="module")
def demo(shared_data):
    program = Program(shared_data, "demo", "start", "--cases", "40")
    try:
        until(
            lambda: "Ctrl-C stops it." in program.said() or program.process.poll() is not None,
            "a served city",
            program.said,
        )
        yield program
    finally:
        program.process.kill()
        program.process.wait()
        Roll(shared_data).end_left_behind()
        Cluster(shared_data).stop()


def signed_in(port, username):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as asked:
        body = json.dumps({"username": username, "password": DEMO_PASSWORD})
        asked.request("POST", "/api/v1/sign-in", body, {"Content-Type": "application/json"})
        answer = asked.getresponse()
        assert answer.status == 200, answer.read()
        token = json.loads(answer.read())["token"]
        asked.request("GET", "/api/v1/me", headers={"Authorization": f"Bearer {token}"})
        answer = asked.getresponse()
        return answer.status, json.loads(answer.read())


def test_it_prints_the_addresses_and_the_accounts(demo):
    said = demo.said()
    assert f"http://127.0.0.1:{demo.port}/console/" in said
    assert DEMO_PASSWORD in said
    assert [name for name in DEMO_ACCOUNTS if name not in said] == []
    assert demo.health() == 200


def test_every_demo_account_can_sign_in(demo):
    for username in DEMO_ACCOUNTS:
        status, _ = signed_in(demo.port, username)
        assert status == 200, username


def test_requests_of_a_file_are_filed_in_it(demo, tmp_path):
    file = tmp_path / "requests.csv"
    file.write_text(REQUESTS, encoding="utf-8")
    done = run(demo.data, "demo", "replay", str(file), WANGGE_PORT=str(demo.port))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "filed" in done.stdout


def test_the_city_is_not_built_twice(demo):
    done = run(demo.data, "demo", "build", "--cases", "40")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_it_may_not_be_served_where_others_can_reach_it(demo):
    done = run(demo.data, "migrate", WANGGE_ALLOWED_HOSTS="grid.example.cn")
    assert done.returncode == 1
    assert "passwords are published" in done.stderr
