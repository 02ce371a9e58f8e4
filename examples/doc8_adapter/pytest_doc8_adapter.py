import re

from pytest_parallel_agents.api import Adapter, Evidence, Finding, Level, match_lines, place

LINE = re.compile(r"(?P<path>.+?):(?P<line>\d+): (?P<rule>D\d+) (?P<message>.+)")


def argv(paths, args, cache):
    return ["doc8", "--quiet", *args, "--", *paths]


def read(output, root):
    return Evidence(findings=tuple(finding(match, root) for match in match_lines(output.stdout, LINE)))


def finding(match, root):
    return Finding(
        rule=match["rule"],
        level=Level.ERROR,
        message=match["message"],
        path=place(match["path"], root),
        line=int(match["line"]),
    )


DOC8 = Adapter(
    name="doc8",
    install="pip install doc8",
    argv=argv,
    read=read,
    paths=(".",),
    types=("*.rst", "*.txt"),
    file_args=(),
)


def pytest_agents_adapters(config):
    return [DOC8]
