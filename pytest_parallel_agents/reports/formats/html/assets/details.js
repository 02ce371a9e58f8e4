// One check, opened: all that the page holds of it.

function showDetails(dialog, data, check, close) {
  dialog.replaceChildren(
    titleOf(check, () => dialog.close()),
    ...partsOf(data, check),
  );
  dialog.onclose = () => dialog.open || close(); // the event comes late: another check may be open by then
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function titleOf(check, close) {
  const button = make("button", { type: "button", ariaLabel: "Close" }, "\u2715");
  button.addEventListener("click", close);
  const title = make(
    "h3",
    { id: "check-title" },
    outcomeBadge(check.outcome, check.isBad),
    " ",
    kindBadge(check),
    " ",
    make("code", {}, check.nodeid),
  );
  return make("header", {}, title, button);
}

function partsOf(data, check) {
  const { command, notes = [], findings = [], measurements = [], attempts = [], output = [] } = check.details;
  return [
    make("p", { className: "quiet" }, factsOf(check)),
    check.message && !output.length ? make("p", {}, check.message) : null,
    command ? make("p", {}, "Run it alone: ", make("code", {}, command)) : null,
    ...notes.map((note) => make("p", { className: "quiet" }, note)),
    listOf("Attempts", attempts),
    listOf(
      "Findings",
      findings.map(([, line]) => line),
    ),
    listOf("Measurements", measurements),
    ...output.map(([name, text], index) => folded(name, text, index === 0)),
    check.isBad && data.bare && !Object.keys(check.details).length
      ? make("p", { className: "cut" }, "Left out of this page for want of room: see the JSON report.")
      : null,
  ].filter(Boolean);
}

function factsOf(check) {
  const when =
    check.start === null
      ? "never ran"
      : `${check.worker}, from ${seconds(check.start)}, took ${seconds(check.duration)}`;
  const group = check.group ? `, group ${check.group}` : "";
  return `${when}${group}${check.isCritical ? ", on the critical path" : ""}`;
}

function listOf(title, lines) {
  if (!lines.length) return null;
  return make(
    "div",
    {},
    make("strong", {}, title),
    make("ul", { className: "clues" }, ...lines.map((line) => make("li", {}, line))),
  );
}

function folded(title, text, isOpen) {
  return make("details", { open: isOpen }, make("summary", {}, title), make("pre", { tabIndex: 0 }, text));
}
