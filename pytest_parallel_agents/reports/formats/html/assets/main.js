// Puts the parts together: data, filters, list, timeline, and the address that holds what is chosen.

const data = readData(byId("data").textContent);
const state = readState(location.hash);
const open = (check) => change({ check: check.nodeid });
const table = createTable(byId("checks-table"), { open, sorted: (sort) => change({ sort }) });
const timeline = createTimeline(byId("timeline-view"), data, { open });
const failures = [...document.querySelectorAll(".failure[data-check]")];
const findings = [...document.querySelectorAll("#findings tr[data-level]")];
const drawFilters = createFilterBar(byId("filters"), data, state, () => change({}));

function change(changes) {
  Object.assign(state, changes);
  history.replaceState(null, "", writeState(state));
  if (!("check" in changes || "cause" in changes)) showFiltered();
  showChosen();
}

function showFiltered() {
  const fits = predicate(state.filters);
  const shown = data.checks.filter(fits);
  const indices = new Set(shown.map((check) => check.index));
  table.show(inOrder(shown, state.sort), state.sort);
  timeline.fits = (check) => indices.has(check.index);
  timeline.draw();
  for (const failure of failures) failure.hidden = !indices.has(Number(failure.dataset.check));
  for (const row of findings) row.hidden = !fits(findingOf(row));
  byId("checks-note").textContent = noteOf(shown.length);
}

function findingOf(row) {
  const check = data.checks[row.dataset.check];
  return {
    kind: check?.kind,
    outcome: check?.outcome,
    levels: [row.dataset.level],
    paths: [lowered(row.dataset.path)],
    text: lowered(row.textContent),
  };
}

function noteOf(shown) {
  const all = data.checks.length;
  const filtered = isFiltered(state.filters)
    ? `${shown.toLocaleString("en")} of ${counted(all, "check")}`
    : counted(all, "check");
  const leftOut = data.left_out
    ? `; ${counted(data.left_out, "check")} more only in the JSON report, for want of room`
    : "";
  return filtered + leftOut;
}

function showChosen() {
  const dialog = byId("check");
  const check = data.byNodeid.get(state.check);
  if (check) showDetails(dialog, data, check, () => state.check !== null && change({ check: null }));
  else if (dialog.open) dialog.close();
  if (state.cause !== null) showCause(state.cause);
}

function showCause(name) {
  const cause = [...document.querySelectorAll("[data-cause]")].find((each) => each.dataset.cause === name);
  if (!cause) return;
  cause.open = true;
  cause.scrollIntoView();
  cause.querySelector("summary").focus({ preventScroll: true });
}

// Links within the page change what is chosen and keep the rest of the address.
function followed(event) {
  const link = event.target.closest?.('a[href^="#"]');
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const { check, cause } = readState(link.hash);
  if (check !== null || cause !== null) change({ check, cause });
  else goTo(link.hash.slice(1));
}

function goTo(id) {
  byId(id)?.scrollIntoView();
  byId(id)?.focus({ preventScroll: true });
}

function addressChanged() {
  Object.assign(state, readState(location.hash));
  drawFilters();
  showFiltered();
  showChosen();
}

function fillContents() {
  const sections = [...document.querySelectorAll("main > section")].filter((section) => !section.hidden);
  const links = sections.map((section) =>
    make("a", { href: `#${section.id}` }, section.querySelector("h2").textContent),
  );
  byId("contents").replaceChildren(...links);
}

function colourKinds() {
  const colour = new Map(data.kinds.map((kind, index) => [kind, index % COLOURS]));
  for (const badge of document.querySelectorAll("[data-kind]"))
    badge.dataset.colour = colour.get(badge.dataset.kind) ?? COLOURS - 1;
}

function offerCopies() {
  for (const button of document.querySelectorAll("button.copy")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button, button.parentElement.querySelector("pre")));
  }
}

// Where the browser keeps the clipboard to itself the text is selected, and one key copies it.
async function copy(button, source) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
    button.textContent = "Copied";
  } catch {
    source.closest("details").open = true; // what is folded cannot be selected
    getSelection().selectAllChildren(source);
    button.textContent = "Selected: press Ctrl+C";
  }
  setTimeout(() => (button.textContent = label), 2000);
}

// On paper nothing can be opened.
function unfoldForPrint() {
  const opened = [];
  window.addEventListener("beforeprint", () => {
    const folded = [...document.querySelectorAll("main details:not([open]):not(.prompt details)")];
    for (const each of folded) each.open = true;
    opened.push(...folded);
  });
  window.addEventListener("afterprint", () => {
    for (const each of opened.splice(0)) each.open = false;
  });
}

byId("checks").hidden = false;
document.addEventListener("click", followed);
window.addEventListener("hashchange", addressChanged);
fillContents();
colourKinds();
offerCopies();
unfoldForPrint();
showFiltered();
showChosen();
