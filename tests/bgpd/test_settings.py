"""The daemon's options: contract defaults, environment fallbacks, errors that name the option."""

import socket

import pytest

from bgpd.settings import parse_settings


def test_contract_defaults():
    settings = parse_settings([], {})
    assert settings.node == socket.gethostname()
    assert settings.datastore is None
    assert settings.socket == "/run/bgpd/bgpd.sock"
    assert settings.metrics_address == ("127.0.0.1", 9179)
    assert (settings.kernel, settings.check, settings.withdraw_on_exit) == (True, False, False)
    assert (settings.log_level, settings.log_format) == (None, "text")


@pytest.mark.parametrize(
    ("variable", "value", "field", "expected"),
    [
        ("BGPD_NODE", "n1", "node", "n1"),
        ("NODENAME", "n2", "node", "n2"),
        ("BGPD_DATASTORE", "file:///d", "datastore", "file:///d"),
        ("BGPD_SOCKET", "/s", "socket", "/s"),
        ("BGPD_METRICS", "[::1]:1", "metrics_address", ("::1", 1)),
        ("BGPD_METRICS", "", "metrics_address", None),
        ("BGPD_BIRD_SOCKET", "/var/run/calico", "bird_socket", "/var/run/calico"),
        ("BGPD_NO_KERNEL", "true", "kernel", False),
        ("BGPD_WITHDRAW_ON_EXIT", "1", "withdraw_on_exit", True),
        ("BGPD_ADOPT_PROTOCOL", "12", "adopt_protocol", 12),
        (
            "BGPD_BMP_COLLECTOR",
            "10.0.0.9:11019,[::1]:1790",
            "bmp_collectors",
            (("10.0.0.9", 11019), ("::1", 1790)),
        ),
        ("BGPD_MRT_DIRECTORY", "/m", "mrt_directory", "/m"),
        ("BGPD_MRT_INTERVAL", "900", "mrt_interval", 900),
        ("BGPD_MRT_KEEP", "7", "mrt_keep", 7),
        ("BGPD_LOG_LEVEL", "DEBUG", "log_level", "debug"),
        ("BGPD_LOG_FORMAT", "json", "log_format", "json"),
    ],
)
def test_environment_is_the_default(variable, value, field, expected):
    assert getattr(parse_settings([], {variable: value}), field) == expected


@pytest.mark.parametrize(
    "environment", [{"BGPD_LOG_LEVEL": "deafening"}, {"BGPD_LOG_FORMAT": "xml"}, {"BGPD_METRICS": "here"}]
)
def test_a_bad_value_in_the_environment_is_a_usage_error(environment, capsys):
    with pytest.raises(SystemExit) as ended:
        parse_settings([], environment)
    assert ended.value.code == 2
    assert next(iter(environment.values())) in capsys.readouterr().err


def test_collectors_on_the_command_line_take_the_place_of_the_environments():
    arguments = ["--bmp-collector", "a:1", "--bmp-collector", "b:2"]
    settings = parse_settings(arguments, {"BGPD_BMP_COLLECTOR": "c:3"})
    assert settings.bmp_collectors == (("a", 1), ("b", 2))


def test_own_variable_beats_calicos_and_the_command_line_beats_both():
    environment = {"BGPD_NODE": "ours", "NODENAME": "calicos"}
    assert parse_settings([], environment).node == "ours"
    assert parse_settings(["--node", "typed"], environment).node == "typed"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--metrics", "9179"], "expected HOST:PORT"),
        (["--metrics", "h:99999"], "expected HOST:PORT"),
        (["--log-level", "loud"], "--log-level"),
        (["--adopt-protocol", "2"], "between 5 and 255"),
        (["--bmp-collector", "collector"], "--bmp-collector collector: expected HOST:PORT"),
        (["--mrt-interval", "0"], "above 0"),
        (["--nod"], "--nod"),
    ],
)
def test_usage_errors_end_with_status_2_and_name_the_option(arguments, words, capsys):
    with pytest.raises(SystemExit) as ended:
        parse_settings(arguments, {})
    assert ended.value.code == 2
    assert words in capsys.readouterr().err
