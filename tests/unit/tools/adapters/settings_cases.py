"""For each tool: settings of its own that make it write files, or change what and where it prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What stands in the project's files, the environment and `args`.

    `refused` is what the error says where no argument of the tool overrides it; else it changes nothing of what the
    check finds.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    args: tuple[str, ...] = ()
    refused: str = ""


_PRINTING_PYLINT_PLUGIN = 'print("{loaded: 1}", end=" ")\n\n\ndef register(linter):\n    print("[registered]")\n'
_PRINTING_ESLINT_CONFIG = """\
console.log("[config] read");
const loud = {create(context) { console.log("{rule}"); return {}; }};
export default [{
    plugins: {loud: {rules: {loud}}}, rules: {"no-unused-vars": "error", "loud/loud": "error"},
}];
"""
_PRINTING_MYPY_PLUGIN = """\
from mypy.plugin import Plugin

print("half a line: ", end="")


class Loud(Plugin):
    def report_config_data(self, ctx):
        print("reading", ctx.id)
        return None


def plugin(version):
    return Loud
"""
_RULE = (
    "rules:\n- id: no-eval\n  languages: [python]\n  severity: ERROR\n  message: Do not eval\n  pattern: eval($X)\n"
    "  fix: print($X)\n"
)

SETTINGS: Mapping[str, Mapping[str, Setting]] = {
    "actionlint": {
        "format": Setting(args=("-format={{range .}}{{end}}",)),
        "colours": Setting(args=("-color",)),
        "verbose": Setting(args=("-verbose",)),
    },
    "bandit": {
        "output": Setting(files={"src/.bandit": "[bandit]\noutput = report.txt\nformat = csv\n"}),
        "verbose": Setting(files={"src/.bandit": "[bandit]\nverbose = true\ndebug = true\naggregate = vuln\n"}),
        "template": Setting(files={"src/.bandit": "[bandit]\nformat = custom\nmsg-template = {msg}\nnumber = 1\n"}),
        "log": Setting(files={"bandit.yaml": "log_format: '[%(message)s]'\n"}, args=("--configfile=bandit.yaml",)),
    },
    "basedpyright": {
        "verbose": Setting(files={"pyrightconfig.json": '{"verboseOutput": true}'}),
        "threads": Setting(args=("--threads", "2")),
        "baseline": Setting(
            files={
                "pyrightconfig.json": '{"baselineFile": "old.json"}',
                "old.json": '{"files": {"./src/gone.py": [{"code": "x", "range": '
                '{"startColumn": 1, "endColumn": 2, "lineCount": 1}}]}}',
            }
        ),
    },
    "black": {
        "quiet": Setting(files={"pyproject.toml": "[tool.black]\nquiet = true\n"}),
        "colours": Setting(files={"pyproject.toml": "[tool.black]\ncolor = true\ndiff = false\n"}, args=("--color",)),
        "writing": Setting(files={"pyproject.toml": "[tool.black]\ncheck = false\ndiff = false\nverbose = true\n"}),
    },
    "checkov": {
        "output": Setting(files={".checkov.yaml": "output: [cli, junitxml]\noutput-file-path: reports\n"}),
        "quiet": Setting(files={".checkov.yaml": "quiet: true\ncompact: false\nsoft-fail: true\n"}),
        "baseline": Setting(
            files={".checkov.yaml": "create-baseline: true\n"}, refused=r"\.checkov\.yaml: create-baseline"
        ),
    },
    "codespell": {
        "context": Setting(files={"setup.cfg": "[codespell]\ncontext = 2\ncount =\nsummary =\nquiet-level = 0\n"}),
        "colours": Setting(files={".codespellrc": "[codespell]\nenable-colors =\nbefore-context = 1\n"}),
        "interactive": Setting(files={"pyproject.toml": "[tool.codespell]\ninteractive = '3'\n"}),
        "writing": Setting(
            files={"setup.cfg": "[codespell]\nwrite-changes =\n"},
            refused=r"setup\.cfg: write-changes of the section codespell",
        ),
        "writing in TOML": Setting(
            files={"pyproject.toml": "[tool.codespell]\nwrite-changes = true\n"},
            refused=r"pyproject\.toml: write-changes",
        ),
        "writing, shortened": Setting(
            files={"our.cfg": "[codespell]\nwrite = \n"}, args=("--conf=our.cfg",), refused=r"our\.cfg: write of"
        ),
        "not writing": Setting(files={"pyproject.toml": "[tool.codespell]\nwrite-changes = false\n"}),
    },
    "eslint": {
        "printing": Setting(files={"eslint.config.mjs": _PRINTING_ESLINT_CONFIG}),
        "cache": Setting(args=("--cache", "--stats")),
        "debug": Setting(env={"DEBUG": "eslint:*"}, args=("--color",)),
        "max-warnings": Setting(args=("--max-warnings=0", "--report-unused-disable-directives")),
    },
    "flake8": {
        "output": Setting(files={".flake8": "[flake8]\noutput-file = report.txt\ntee = true\nformat = pylint\n"}),
        "quiet": Setting(files={"setup.cfg": "[flake8]\nquiet = 2\ncolor = always\nexit-zero = true\n"}),
        "more": Setting(files={"tox.ini": "[flake8]\nshow_source = true\nstatistics = true\ncount = true\n"}),
        "arguments": Setting(
            args=("--output-file=report.txt", "--format=quiet-nothing", "--statistics", "--color=always")
        ),
    },
    "hadolint": {
        "format": Setting(files={".hadolint.yaml": "format: tty\nno-color: false\n"}),
        "JSON": Setting(files={".hadolint.yaml": "format: json\n"}),
        "SARIF": Setting(files={".hadolint.yaml": "format: sarif\n"}),
        "failure": Setting(files={".hadolint.yaml": "no-fail: true\nfailure-threshold: none\n"}),
        "environment": Setting(env={"HADOLINT_FORMAT": "tty", "HADOLINT_NOFAIL": "1", "HADOLINT_OUTPUT": "report.txt"}),
    },
    "isort": {
        "quiet": Setting(files={".isort.cfg": "[settings]\nquiet = true\nonly_modified = true\n"}),
        "writing": Setting(files={"pyproject.toml": "[tool.isort]\noverwrite_in_place = true\n"}),
        "colours": Setting(files={"setup.cfg": "[isort]\nverbose = true\nformat_error = {message}\n"}),
        "stdout": Setting(args=("--stdout", "--overwrite-in-place")),
    },
    "mypy": {
        "pretty": Setting(
            files={"mypy.ini": "[mypy]\npretty = True\nshow_error_context = True\nverbosity = 1\ncolor_output = True\n"}
        ),
        "junit": Setting(files={"mypy.ini": "[mypy]\njunit_xml = out.xml\ncache_dir = cache\nerror_summary = True\n"}),
        "unused section": Setting(
            files={
                "pyproject.toml": "[tool.mypy]\nwarn_unused_configs = true\n[[tool.mypy.overrides]]\n"
                'module = "gone.*"\nignore_errors = true\n'
            }
        ),
        "stubs": Setting(files={"setup.cfg": "[mypy]\ninstall_types = True\nnon_interactive = True\n"}),
        "caches": Setting(env={"MYPY_CACHE_DIR": "cache"}),
        "plugin": Setting(files={"mypy.ini": "[mypy]\nplugins = loud.py\n", "loud.py": _PRINTING_MYPY_PLUGIN}),
        "report": Setting(
            files={"mypy.ini": "[mypy]\nlinecount_report = out\n"},
            refused=r"mypy\.ini: linecount_report of the section",
        ),
    },
    "pip-audit": {
        "output": Setting(env={"PIP_AUDIT_OUTPUT": "out.txt", "PIP_AUDIT_FORMAT": "markdown"}),
        "described": Setting(env={"PIP_AUDIT_DESC": "on", "PIP_AUDIT_PROGRESS_SPINNER": "on"}),
        "verbose": Setting(args=("--verbose", "--aliases=off", "--desc=on")),
    },
    "pylint": {
        "hook": Setting(files={".pylintrc": "[MAIN]\ninit-hook=print('hook {1}')\n"}),
        "format": Setting(files={".pylintrc": "[REPORTS]\noutput-format=text\nmsg-template={msg}\nscore=y\n"}),
        "formats": Setting(
            files={"pyproject.toml": '[tool.pylint.reports]\noutput-format = "text,json:out.json"\n'},
            refused=r"pyproject\.toml: output-format makes pylint write a file",
        ),
        "stdin": Setting(files={"our.rc": "[MAIN]\nfrom-stdin=yes\n"}, args=("--rc", "our.rc"), refused="from-stdin"),
        "graphs": Setting(
            files={".pylintrc": "[REPORTS]\nreports=yes\n[IMPORTS]\nimport-graph=all.dot\next-import-graph=ext.dot\n"}
        ),
        "statistics": Setting(files={"pylintrc": "[MAIN]\npersistent=yes\nverbose=yes\n"}, env={"PYLINTHOME": "home"}),
        "plugin": Setting(
            files={
                "pyproject.toml": "[tool.pylint.main]\ninit-hook = \"import sys; sys.path.append('.')\"\n"
                'load-plugins = "loud"\n',
                "loud.py": _PRINTING_PYLINT_PLUGIN,
            }
        ),
    },
    "pyright": {
        "verbose": Setting(files={"pyrightconfig.json": '{"verboseOutput": true}'}),
        "threads": Setting(args=("--threads", "2")),
        "environment": Setting(env={"PYRIGHT_PYTHON_DEBUG": "1", "PYRIGHT_PYTHON_IGNORE_WARNINGS": "0"}),
    },
    "ruff": {
        "fix": Setting(files={"ruff.toml": "fix = true\nunsafe-fixes = true\nshow-fixes = true\n"}),
        "fix only": Setting(files={"pyproject.toml": "[tool.ruff]\nfix-only = true\nunsafe-fixes = true\n"}),
        "fix in an argument": Setting(args=("--config", "fix = true", "--config=unsafe-fixes=true")),
        "format": Setting(files={".ruff.toml": 'output-format = "concise"\ncache-dir = "cache"\n'}),
        "environment": Setting(
            env={"RUFF_OUTPUT_FILE": "out.txt", "RUFF_OUTPUT_FORMAT": "json", "RUFF_CACHE_DIR": "c"}
        ),
        "exit code": Setting(args=("--exit-zero", "--verbose")),
    },
    "ruff-format": {
        "environment": Setting(env={"RUFF_OUTPUT_FORMAT": "json", "RUFF_NO_CACHE": "true"}),
        "fix": Setting(files={"ruff.toml": 'fix = true\noutput-format = "github"\nshow-fixes = true\n'}),
        "preview": Setting(files={"ruff.toml": "preview = true\n"}, args=("--verbose",)),
    },
    "semgrep": {
        "fix": Setting(files={"rules.yml": _RULE}),
        "colours": Setting(env={"SEMGREP_FORCE_COLOR": "1", "SEMGREP_ENABLE_VERSION_CHECK": "1"}),
        "times": Setting(args=("--time",)),
        "error": Setting(args=("--error", "--strict")),
    },
    "shellcheck": {
        "options": Setting(env={"SHELLCHECK_OPTS": "--color=always --wiki-link-count=3"}),
        "settings": Setting(files={".shellcheckrc": "external-sources=true\nenable=all\ndisable=SC2250,SC2292\n"}),
        "format": Setting(env={"SHELLCHECK_OPTS": "-f tty"}, refused="SHELLCHECK_OPTS in the environment"),
    },
    "ty": {
        "format": Setting(files={"ty.toml": '[terminal]\noutput-format = "concise"\nerror-on-warning = true\n'}),
        "environment": Setting(env={"TY_OUTPUT_FORMAT": "gitlab", "TY_MEMORY_REPORT": "short"}),
        "log": Setting(env={"TY_LOG": "info"}, args=("-v", "--color=always")),
        "exit code": Setting(args=("--exit-zero",)),
    },
    "vulture": {
        "verbose": Setting(files={"pyproject.toml": "[tool.vulture]\nverbose = true\n"}),
        "whitelist": Setting(files={"pyproject.toml": "[tool.vulture]\nmake_whitelist = true\n"}),
        "both": Setting(files={"pyproject.toml": "[tool.vulture]\nmake_whitelist = true\nverbose = true\n"}),
        "sorted": Setting(args=("--sort-by-size", "-v")),
    },
    "yamllint": {
        "format": Setting(args=("--format=github", "--strict")),
        "warnings": Setting(files={".yamllint": "extends: relaxed\n"}, args=("--no-warnings",)),
        "environment": Setting(env={"GITHUB_ACTIONS": "true", "GITHUB_WORKFLOW": "ci"}),
    },
    "zizmor": {
        "github": Setting(env={"GITHUB_ACTIONS": "true", "CI": "true"}),
        "quiet": Setting(args=("--quiet",)),
        "exit codes": Setting(args=("--no-exit-codes",)),
    },
}
