"""What an installation may set for the identifiers of plants."""

import pytest

from wangge.project.environment import Plants, StartRefused, read_environment

URL, KEY = "https://plants.example.org/v2/identify/all", "key-of-the-test"


def read(**settings):
    return read_environment({f"WANGGE_PLANT_{name}": value for name, value in settings.items()}).plants


def test_nothing_is_set_and_no_photo_leaves():
    assert read() == Plants()


def test_a_model_and_a_service_are_read(tmp_path):
    card = tmp_path / "card.json"
    card.write_text("{}")
    plants = read(MODEL=str(card), SERVICE_URL=URL, SERVICE_KEY=KEY, SERVICE_SECONDS="5", ITEM="S09-07")
    assert plants == Plants(card, URL, KEY, 5, "S09-07")
    assert KEY not in repr(plants)


@pytest.mark.parametrize(
    "settings",
    [
        {"MODEL": "/nowhere/card.json"},
        {"SERVICE_URL": URL},
        {"SERVICE_KEY": KEY},
        {"SERVICE_URL": "http://plants.example.org/v2/identify/all", "SERVICE_KEY": KEY},
        {"SERVICE_URL": "https://me:secret@plants.example.org/", "SERVICE_KEY": KEY},
        {"SERVICE_URL": "ftp://plants.example.org/", "SERVICE_KEY": KEY},
        {"SERVICE_URL": URL, "SERVICE_KEY": KEY, "SERVICE_SECONDS": "600"},
        {"ITEM": "poppies"},
    ],
    ids=str,
)
def test_what_cannot_be_right_is_refused_at_the_start(settings):
    with pytest.raises(StartRefused, match="WANGGE_PLANT_"):
        read(**settings)
