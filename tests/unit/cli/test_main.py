from __future__ import annotations

import json

import pytest

from pytest_parallel_agents.cli.main import main
from pytest_parallel_agents.reports.schema import generate


@pytest.mark.parametrize("arguments", [[], ["inti"], ["init", "--wriet"], ["schema", "reports"]])
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 4
    assert "ERROR: " in capsys.readouterr().err


def test_a_mistake_is_reported_without_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "/no/such/folder"]) == 4
    assert capsys.readouterr().err == "ERROR: /no/such/folder is no folder (name the folder of a project)\n"


@pytest.mark.parametrize(("arguments", "name"), [([], "report"), (["findings"], "findings")])
def test_schemas_are_printed(arguments: list[str], name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", *arguments]) == 0
    assert json.loads(capsys.readouterr().out) == generate(name)
