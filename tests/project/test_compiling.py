"""What dividing needs is compiled ahead, once for each version, where it can be kept."""

import os

from wangge.project import compiling


def test_what_cannot_be_kept_beside_the_code_is_kept_with_the_data(tmp_path, monkeypatch):
    monkeypatch.delenv(compiling.FOLDER, raising=False)
    monkeypatch.setattr(compiling, "_is_writable", lambda folder: False)
    compiling.keep_compiled(tmp_path)
    assert os.environ[compiling.FOLDER] == str(tmp_path / "compiled")


def test_who_runs_it_may_say_where(tmp_path, monkeypatch):
    monkeypatch.setenv(compiling.FOLDER, "/elsewhere")
    monkeypatch.setattr(compiling, "_is_writable", lambda folder: False)
    compiling.keep_compiled(tmp_path)
    assert os.environ[compiling.FOLDER] == "/elsewhere"


def test_a_start_compiles_in_a_process_of_its_own_until_it_is_done(tmp_path, monkeypatch):
    monkeypatch.setenv(compiling.FOLDER, str(tmp_path))
    begun = []

    class Process:
        def __init__(self, command, **_):
            begun.append(command)

        def terminate(self):
            begun.append("ended")

        def wait(self):
            pass

    monkeypatch.setattr(compiling.subprocess, "Popen", Process)
    assert not compiling.is_compiled()
    with compiling.compiled_ahead():
        (command,) = begun
        assert command[1:3] == ["-m", "gridplan.ahead"]
    assert begun[1] == "ended"
    mark = tmp_path / command[3].rpartition("/")[2]
    mark.touch()
    with compiling.compiled_ahead():
        assert len(begun) == 2
