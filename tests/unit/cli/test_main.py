from __future__ import annotations

import pytest

from pytest_parallel_agents.cli.main import main


@pytest.mark.parametrize("arguments", [[], ["inti"], ["init", "--wriet"]])
def test_a_wrong_command_line_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)

    assert caught.value.code == 4
    assert "ERROR: " in capsys.readouterr().err


def test_a_mistake_is_told_without_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "/no/such/folder"]) == 4
    assert capsys.readouterr().err == "ERROR: /no/such/folder is no folder (name the folder of a project)\n"
