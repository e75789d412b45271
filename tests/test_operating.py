"""The metrics that docs/alerts.yml names and the log lines that docs/operating.md explains exist."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import yaml
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError

from bot.metrics import Metrics

EXPRESSIONS = [
    rule["expr"]
    for group in yaml.safe_load(Path("docs/alerts.yml").read_text("utf-8"))["groups"]
    for rule in group["rules"]
]


def as_text() -> str:
    """Return all metrics as text, with each outcome of a call and each fate of an update counted once."""
    metrics = Metrics()
    outcomes: list[TelegramError | None] = [
        None,
        RetryAfter(timedelta(seconds=1)),
        Forbidden("blocked"),
        BadRequest("bad"),
        NetworkError("away"),
    ]
    for outcome in outcomes:
        metrics.called("sendMessage", outcome)
    metrics.came("handled")
    metrics.came("dropped")
    metrics.cue_committed(0.1)
    return metrics.as_text(live=1, waiting=1).decode()


def test_every_metric_in_the_alerts_exists() -> None:
    counted = set(re.findall(r"^(\w+)", as_text(), re.MULTILINE))
    named = {name for each in EXPRESSIONS for name in re.findall(r"\b(?:coach|process)_\w+", each)}
    assert named
    assert named - counted == set()


def test_every_label_in_the_alerts_exists() -> None:
    text = as_text()
    asked = {pair for each in EXPRESSIONS for pair in re.findall(r'(coach_\w+)\{(\w+="\w+")\}', each)}
    assert asked
    assert [pair for pair in asked if not re.search(rf"^{pair[0]}{{.*{pair[1]}", text, re.MULTILINE)] == []


def test_every_log_line_that_the_docs_explain_is_in_the_code() -> None:
    table = Path("docs/operating.md").read_text("utf-8").split("## Log lines worth knowing")[1]
    lines = re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)
    assert lines
    trees = [ast.parse(path.read_text("utf-8")) for path in Path("bot").rglob("*.py")]
    texts = [node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    said = [text for text in texts if isinstance(text, str)]
    assert [line for line in lines if not any(line in text for text in said)] == []
