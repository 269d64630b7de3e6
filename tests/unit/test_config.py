"""Settings: every field has its variable, and a bad one is named with what is accepted."""

import pytest

from shared.config import BadSetting, Settings, variable

GOOD = {
    "admin_key": "ls_secret",
    "data": "somewhere",
    "database_url": "postgresql://user:word@host/lifestage",
    "log": "kafka",
    "kafka": "one:9092, two:9092",
    "partitions": "8",
    "replication": "3",
    "host": "0.0.0.0",
    "port": "9000",
    "metrics_port": "9001",
    "clock": "test",
    "tick_seconds": "0.5",
    "settling_seconds": "0",
    "skew_seconds": "60",
    "log_seconds": "5",
    "body_seconds": "3",
    "in_flight": "100",
    "stop_seconds": "9",
    "log_level": "debug",
    "survey_seconds": "3600",
    "survey_apply": "on",
    "refit_seconds": "86400",
}


def test_without_any_variable_everything_has_a_default() -> None:
    settings = Settings.from_env({})

    assert settings == Settings()
    assert (settings.port, settings.partitions, settings.clock, settings.log) == (8080, 4, "live", "postgres")


def test_every_field_is_read_from_its_variable() -> None:
    assert set(GOOD) == set(Settings.__struct_fields__)

    settings = Settings.from_env({variable(field): text for field, text in GOOD.items()})

    assert settings.database_url == "postgresql+asyncpg://user:word@host/lifestage"
    assert settings.kafka == "one:9092,two:9092"
    changed = [field for field in Settings.__struct_fields__ if getattr(settings, field) != getattr(Settings(), field)]
    assert changed == list(Settings.__struct_fields__)


def test_an_empty_variable_counts_as_absent() -> None:
    assert Settings.from_env({variable(field): " " for field in GOOD}) == Settings()


def test_variables_of_others_do_not_matter() -> None:
    assert Settings.from_env({"PORT": "1", "LIFESTAGE_INGEST_SERVICE_HOST": "10.0.0.1"}) == Settings()


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("LIFESTAGE_PORT", "http", "a port from 0 to 65535"),
        ("LIFESTAGE_PORT", "70000", "a port from 0 to 65535"),
        ("LIFESTAGE_PORT", "tcp://10.0.0.1:80", "a port"),
        ("LIFESTAGE_PORT", "-1", "a port"),
        ("LIFESTAGE_PARTITIONS", "0", "a whole number from 1 to 256"),
        ("LIFESTAGE_PARTITIONS", "257", "a whole number from 1 to 256"),
        ("LIFESTAGE_PARTITIONS", "٤", "a whole number"),
        ("LIFESTAGE_PARTITIONS", "9" * 6000, "a whole number"),
        ("LIFESTAGE_CLOCK", "wall", "live or test"),
        ("LIFESTAGE_LOG", "redis", "postgres or kafka"),
        ("LIFESTAGE_KAFKA", "broker", "host:port"),
        ("LIFESTAGE_KAFKA", "broker:0", "host:port"),
        ("LIFESTAGE_KAFKA", "a:1,,b:2", "host:port"),
        ("LIFESTAGE_TICK_SECONDS", "nan", "seconds from 0.05 to 60"),
        ("LIFESTAGE_TICK_SECONDS", "0", "seconds from 0.05 to 60"),
        ("LIFESTAGE_SETTLING_SECONDS", "-1", "seconds from 0 to 86400"),
        ("LIFESTAGE_SKEW_SECONDS", "inf", "seconds"),
        ("LIFESTAGE_SURVEY_SECONDS", "-1", "seconds from 0 to 3.16224e+07"),
        ("LIFESTAGE_SURVEY_APPLY", "maybe", "off or on"),
        ("LIFESTAGE_LOG_LEVEL", "loud", "debug or info or warning or error"),
    ],
)
def test_a_bad_value_is_told_with_its_variable_and_what_is_accepted(name: str, value: str, accepted: str) -> None:
    with pytest.raises(BadSetting) as bad:
        Settings.from_env({name: value})

    assert str(bad.value).startswith(f"{name}={value!r} cannot be used: it must be {accepted}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIFESTAGE_DATABASE_URL", "mysql://user:hunter2@host/db"),
        ("LIFESTAGE_DATABASE_URL", "hunter2"),
        ("LIFESTAGE_ADMIN_KEY", "hunter2 with blanks"),
        ("LIFESTAGE_ADMIN_KEY", "hunter2\x07"),
        ("LIFESTAGE_ADMIN_KEY", "hunter2" * 50),
    ],
)
def test_a_bad_secret_is_not_repeated_in_the_message(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name) as bad:
        Settings.from_env({name: value})

    assert "hunter2" not in str(bad.value)
