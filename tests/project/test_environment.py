"""Settings: each bad one is named with what would be right, and what would be unsafe in production is refused."""

import pytest

from wangge.base.private import keys_in, new_key
from wangge.project.environment import StartRefused, kept_secret, read_environment

GOOD_KEY = "correct-horse-battery-staple-0123456789"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WANGGE_PORT", "eighty"),
        ("WANGGE_ROUND_HOURS", "8-12"),
        ("WANGGE_ROUND_HOURS", "08:30-12:00 11:00-17:30"),
        ("WANGGE_ROUND_HOURS", "14:00-24:30"),
        ("WANGGE_PORT", "70000"),
        ("WANGGE_PORT", "８０００"),
        ("WANGGE_WORKERS", "0"),
        ("WANGGE_DEBUG", "yes"),
        ("WANGGE_BEHIND_PROXY", "true"),
        ("WANGGE_METRICS_FROM", "10.0.0.1/8"),
        ("WANGGE_SECRET_KEY", "secret"),
        ("WANGGE_SECRET_KEY", "a" * 50),
        ("DATABASE_URL", "mysql://x"),
        ("WANGGE_APP_DATABASE_URL", "localhost"),
    ],
)
def test_a_bad_setting_is_named(name, value):
    with pytest.raises(StartRefused, match=name) as refused:
        read_environment({"DATABASE_URL": "postgresql://x/y", name: value})
    assert refused.value.way_out


@pytest.mark.parametrize(
    "given",
    [
        {"WANGGE_HOST": "0.0.0.0"},
        {"WANGGE_HOST": "0.0.0.0", "WANGGE_ALLOWED_HOSTS": "*"},
        {"WANGGE_ALLOWED_HOSTS": "grid.example.cn", "WANGGE_DEBUG": "1"},
        {"WANGGE_ALLOWED_HOSTS": "grid.example.cn"},
    ],
)
def test_what_others_can_reach_must_be_safe(given):
    with pytest.raises(StartRefused):
        read_environment(given).check_production()


def test_a_named_host_and_a_good_key_are_accepted():
    private_key = new_key()
    environment = read_environment(
        {
            "WANGGE_HOST": "0.0.0.0",
            "WANGGE_ALLOWED_HOSTS": "grid.example.cn",
            "WANGGE_SECRET_KEY": GOOD_KEY,
            "WANGGE_PRIVATE_KEYS": private_key,
        }
    )
    environment.check_production()
    assert environment.public
    assert environment.secret_key() == GOOD_KEY
    assert environment.private_keys() == keys_in(private_key)
    assert GOOD_KEY not in repr(environment)
    assert private_key not in repr(environment)


def test_a_name_that_a_proxy_passes_on_makes_it_public():
    assert read_environment({"WANGGE_ALLOWED_HOSTS": "grid.example.cn"}).public
    assert not read_environment({"WANGGE_ALLOWED_HOSTS": "localhost"}).public


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    file = tmp_path / "deep" / "secret"
    first = kept_secret(file)
    assert len(first) > 60
    assert kept_secret(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["secret"]


def test_the_key_of_private_fields_is_made_once_and_kept(tmp_path):
    environment = read_environment({"WANGGE_DATA": str(tmp_path)})
    made = environment.private_keys()
    assert environment.private_keys() == made
    assert (tmp_path / "private_keys").stat().st_mode & 0o777 == 0o600


def test_a_key_that_is_none_is_refused_by_name_and_not_quoted(tmp_path):
    environment = read_environment({"WANGGE_DATA": str(tmp_path), "WANGGE_PRIVATE_KEYS": "hunter2hunter2"})
    with pytest.raises(StartRefused, match="WANGGE_PRIVATE_KEYS") as refused:
        environment.private_keys()
    assert "hunter2" not in str(refused.value)
    assert "wangge private key" in refused.value.way_out


def test_a_data_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StartRefused, match="cannot be written") as refused:
        kept_secret(tmp_path / "file" / "secret")
    assert "WANGGE_DATA" in refused.value.way_out
