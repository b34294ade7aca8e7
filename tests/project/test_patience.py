"""The database serves phones when nobody else asks: only connections of their own threads are made patient."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from wangge.project.patience import NICE, be_patient


def process_behind_a_new_connection():
    try:
        connection.ensure_connection()
        process = connection.connection.info.backend_pid
        return process, os.getpriority(os.PRIO_PROCESS, process)
    finally:
        connection.close()


@pytest.mark.django_db
def test_what_phones_ask_in_bulk_gives_way_in_the_database_and_nothing_else_does():
    with ThreadPoolExecutor(1, initializer=be_patient) as phones, ThreadPoolExecutor(1) as desks:
        phone, patient = phones.submit(process_behind_a_new_connection).result()
        desk, usual = desks.submit(process_behind_a_new_connection).result()
        again, patient_again = phones.submit(process_behind_a_new_connection).result()
    assert len({phone, desk, again}) == 3
    assert (patient, usual, patient_again) == (NICE, os.getpriority(os.PRIO_PROCESS, 0), NICE)


@pytest.mark.django_db
@pytest.mark.skipif(
    not Path("/proc/self/autogroup").exists(), reason="sessions are not grouped on this machine"
)
def test_where_linux_weighs_sessions_its_session_gives_way():
    def session():
        connection.ensure_connection()
        try:
            process = connection.connection.info.backend_pid
            return Path(f"/proc/{process}/autogroup").read_text().split()[-1]
        finally:
            connection.close()

    with ThreadPoolExecutor(1, initializer=be_patient) as phones:
        assert phones.submit(session).result() == str(NICE)


@pytest.mark.django_db
def test_a_database_of_somebody_else_is_left_alone(monkeypatch):
    monkeypatch.setattr(
        settings, "ENVIRONMENT", replace(settings.ENVIRONMENT, database_url="postgres://elsewhere/wangge")
    )
    with ThreadPoolExecutor(1, initializer=be_patient) as phones:
        _, usual = phones.submit(process_behind_a_new_connection).result()
    assert usual == os.getpriority(os.PRIO_PROCESS, 0)
