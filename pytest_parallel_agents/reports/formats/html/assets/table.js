// All checks. Only the rows in sight are elements, so that many thousand cost as much as a few dozen.

const ROW = 28;
const AROUND = 8;
const COLUMNS = [
  [
    "outcome",
    "outcome",
    (check) => outcomeBadge(check.outcome, check.isBad),
    (check) => [check.isBad ? 0 : 1, check.outcome],
  ],
  ["nodeid", "check", (check) => check.nodeid, (check) => [check.nodeid]],
  ["kind", "kind", (check) => kindBadge(check), (check) => [check.kind]],
  ["worker", "worker", (check) => check.worker, (check) => [check.worker]],
  [
    "start",
    "start",
    (check) => (check.start === null ? "" : seconds(check.start)),
    (check) => [check.start ?? Infinity],
  ],
  ["duration", "took", (check) => seconds(check.duration), (check) => [check.duration]],
  ["message", "message", (check) => check.message, (check) => [check.message]],
];
const NARROW = new Set(["outcome", "nodeid", "duration"]);
const NUMBERS = new Set(["start", "duration"]);

function kindBadge(check) {
  return make("span", { className: "kind", "data-colour": check.colour }, check.kind);
}

function createTable(root, { open, sorted }) {
  const head = make("div", { role: "row", className: "head", "aria-rowindex": 1 });
  const body = make("div", { className: "body", role: "rowgroup" });
  const grid = make("div", {
    role: "grid",
    className: "grid",
    tabIndex: 0,
    "aria-label": "All checks",
    "aria-colcount": COLUMNS.length,
  });
  const table = { rows: [], selected: -1, grid, head, body, open };
  grid.append(head, body);
  root.append(grid);
  table.draw = eachFrame(() => showRows(table));
  body.addEventListener("scroll", table.draw);
  body.addEventListener("click", (event) => openAt(table, event));
  grid.addEventListener("keydown", (event) => pressed(table, event));
  table.show = (rows, sort) => {
    table.rows = rows;
    table.selected = -1;
    drawHead(table, sort, sorted);
    drawRows(table);
  };
  return table;
}

function drawHead(table, sort, sorted) {
  const cells = COLUMNS.map(([name, title]) => {
    const direction = sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none";
    const arrow = { ascending: " \u2191", descending: " \u2193", none: "" }[direction];
    const button = make("button", { type: "button" }, title + arrow);
    button.addEventListener("click", () => sorted({ none: name, ascending: `-${name}`, descending: "" }[direction]));
    return make("span", { role: "columnheader", "aria-sort": direction, ...placed(name) }, button);
  });
  table.head.replaceChildren(...cells);
  table.grid.setAttribute("aria-rowcount", table.rows.length + 1);
}

function placed(name) {
  return {
    className: NUMBERS.has(name) ? "number-cell" : "",
    ...(NARROW.has(name) ? {} : { "data-wide": "" }),
  };
}

function drawRows(table) {
  for (const row of table.body.querySelectorAll("[data-place]")) row.remove();
  showRows(table);
  if (table.selected >= 0) table.grid.setAttribute("aria-activedescendant", `row-${table.selected}`);
  else table.grid.removeAttribute("aria-activedescendant");
}

// Rows that stay in sight stay as they are: one that was taken away while the button is down would get no click.
function showRows(table) {
  const { body, rows } = table;
  body.style.height = `${Math.max(ROW, rows.length * ROW)}px`;
  const first = Math.max(0, Math.floor(body.scrollTop / ROW) - AROUND);
  const last = Math.min(rows.length, Math.ceil((body.scrollTop + body.clientHeight) / ROW) + AROUND);
  const known = new Map([...body.querySelectorAll("[data-place]")].map((row) => [Number(row.dataset.place), row]));
  for (const [place, row] of known) if (place < first || place >= last) row.remove();
  let above = body.querySelector("[role=presentation]") ?? body.appendChild(make("div", { role: "presentation" }));
  above.style.height = `${rows.length * ROW}px`;
  for (let place = first; place < last; place++) {
    const row = known.get(place) ?? rowOf(table, rows[place], place);
    if (!row.isConnected) above.after(row);
    above = row;
  }
}

function rowOf(table, check, place) {
  const cells = COLUMNS.map(([name, , shown]) => make("span", { role: "gridcell", ...placed(name) }, shown(check)));
  const row = make(
    "div",
    { role: "row", id: `row-${place}`, title: check.nodeid, "aria-rowindex": place + 2, "data-place": place },
    ...cells,
  );
  row.style.top = `${place * ROW}px`;
  row.setAttribute("aria-selected", place === table.selected);
  return row;
}

function openAt(table, event) {
  const row = event.target.closest("[data-place]");
  if (!row) return;
  select(table, Number(row.dataset.place));
  table.open(table.rows[table.selected]);
}

function pressed(table, event) {
  if (event.target !== table.grid) return;
  const page = Math.floor(table.body.clientHeight / ROW);
  const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
  if (event.key in steps) select(table, table.selected + steps[event.key]);
  else if (event.key === "Enter" && table.selected >= 0) table.open(table.rows[table.selected]);
  else return;
  event.preventDefault();
}

function select(table, place) {
  table.selected = Math.min(table.rows.length - 1, Math.max(0, place));
  const top = table.selected * ROW;
  const { body } = table;
  if (top < body.scrollTop) body.scrollTop = top;
  if (top + ROW > body.scrollTop + body.clientHeight) body.scrollTop = top + ROW - body.clientHeight;
  drawRows(table);
}

// `-duration` begins with the longest. Without a wish the order is that of the data: failures first.
function inOrder(checks, sort) {
  const column = COLUMNS.find(([name]) => name === sort.replace(/^-/, ""));
  if (!column) return checks;
  const key = column[3];
  const sign = sort.startsWith("-") ? -1 : 1;
  return checks
    .map((check) => [key(check), check])
    .sort(([one], [other]) => sign * compared(one, other))
    .map(([, check]) => check);
}

function compared(one, other) {
  const at = one.findIndex((value, index) => value !== other[index]);
  return at < 0 ? 0 : one[at] < other[at] ? -1 : 1;
}
