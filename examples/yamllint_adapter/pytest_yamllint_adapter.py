import re

from pytest_parallel_agents.agents.adapters.adapter import Adapter
from pytest_parallel_agents.agents.formats.decoding import match_lines
from pytest_parallel_agents.agents.places import place
from pytest_parallel_agents.model import Evidence, Finding, Level

LINE = re.compile(r"(?P<path>.+?):(?P<line>\d+):\d+: \[(?P<level>\w+)\] (?P<message>.+?)(?: \((?P<rule>[\w-]+)\))?")


def argv(paths, args, cache):
    return ["yamllint", "--format=parsable", *args, "--", *paths]


def read(output, root):
    return Evidence(findings=tuple(finding(match, root) for match in match_lines(output.stdout, LINE)))


def finding(match, root):
    return Finding(
        rule=match["rule"] or "yamllint",
        level=Level(match["level"]),
        message=match["message"],
        path=place(match["path"], root),
        line=int(match["line"]),
    )


YAMLLINT = Adapter(
    name="yamllint",
    install="pip install yamllint",
    argv=argv,
    read=read,
    codes=frozenset({0, 1, 2}),
    paths=(".",),
    fail_on=Level.ERROR,
)


def pytest_agents_adapters(config):
    return [YAMLLINT]
