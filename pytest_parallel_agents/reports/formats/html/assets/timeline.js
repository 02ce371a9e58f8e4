// The schedule: one row a worker. It zooms, says what is under the pointer, and can be walked through by keys.

function createTimeline(root, data, { open }) {
  const bars = data.checks.flatMap((check) => check.attempts.map((attempt) => ({ check, ...attempt })));
  if (!bars.length) return { draw() {} };
  const starts = bars.reduce((least, bar) => Math.min(least, bar.start), Infinity);
  const end = bars.reduce((most, bar) => Math.max(most, bar.stop), starts + data.lower_bound);
  const timeline = {
    bars: bars.sort((one, other) => one.start - other.start),
    workers: data.workers,
    scale: createScale(end * 1.01, data.workers.length),
    bound: starts + data.lower_bound,
    fits: () => true,
    selected: null,
    open,
  };
  layOut(root, data, timeline);
  return timeline;
}

function layOut(root, data, timeline) {
  const canvas = make("canvas", {
    tabIndex: 0,
    role: "application",
    "aria-label": "Schedule, one row a worker: arrows select a check, Enter opens it, plus and minus zoom, 0 shows all",
  });
  const tooltip = make("div", { className: "tooltip", hidden: true });
  const spoken = make("p", { className: "unseen", role: "status" });
  timeline.say = (bar) => (spoken.textContent = bar ? described(timeline, bar) : "");
  timeline.draw = eachFrame(() => drawTimeline(canvas, timeline));
  root.append(
    controls(data, timeline),
    make("div", { className: "timeline-frame" }, canvas),
    tooltip,
    spoken,
    inWords(data, timeline),
  );
  root.hidden = false;
  followPointer(canvas, tooltip, timeline);
  canvas.addEventListener("keydown", (event) => keyed(timeline, event));
  new ResizeObserver(timeline.draw).observe(canvas);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", timeline.draw);
  timeline.draw();
}

function controls(data, timeline) {
  const button = (label, title, act) => {
    const made = make("button", { type: "button", title, ariaLabel: title }, label);
    made.addEventListener("click", () => {
      act();
      timeline.draw();
    });
    return made;
  };
  const { scale } = timeline;
  const kinds = data.kinds.map((kind, index) =>
    make("span", { className: "kind", "data-colour": index % COLOURS }, kind),
  );
  return make(
    "div",
    { className: "timeline-bar" },
    button("+", "Zoom in", () => zoom(scale, 0.5)),
    button("\u2212", "Zoom out", () => zoom(scale, 2)),
    button("All", "Show the whole run", () => zoom(scale, Infinity)),
    ...kinds,
    make(
      "span",
      { className: "keys" },
      "outlined: critical path \u00b7 dashed: lower bound \u00b7 red below: failed \u00b7 Ctrl and wheel zoom, dragging moves",
    ),
  );
}

function barAt(timeline, x, y) {
  const { scale } = timeline;
  const row = rowAt(scale, y);
  const time = timeAt(scale, x);
  const near = (2 / (scale.width - LABELS)) * (scale.to - scale.from);
  const found = timeline.bars.filter(
    (bar) => bar.worker === row && bar.start - near <= time && time <= bar.stop + near,
  );
  return found.find((bar) => bar.start <= time && time <= bar.stop) ?? found[0] ?? null;
}

function described(timeline, { check, start, stop, worker }) {
  const critical = check.isCritical ? ", on the critical path" : "";
  return `${check.nodeid}: ${check.outcome.replace("_", " ")}, ${check.kind}, ${seconds(stop - start)} from ${seconds(start)} on ${timeline.workers[worker]}${critical}`;
}

function followPointer(canvas, tooltip, timeline) {
  let held = null;
  canvas.addEventListener("pointerdown", (event) => (held = { x: event.offsetX, moved: false }));
  window.addEventListener("pointerup", () => setTimeout(() => (held = null)));
  canvas.addEventListener("pointermove", (event) => {
    if (held && event.buttons) dragged(timeline, held, event.offsetX);
    else pointed(canvas, tooltip, timeline, event);
  });
  canvas.addEventListener("pointerleave", () => (tooltip.hidden = true));
  canvas.addEventListener("click", (event) => {
    const bar = held?.moved ? null : barAt(timeline, event.offsetX, event.offsetY);
    if (bar) timeline.open(bar.check);
  });
  canvas.addEventListener("wheel", (event) => wheeled(timeline, event), { passive: false });
}

function dragged(timeline, held, x) {
  const { scale } = timeline;
  if (Math.abs(x - held.x) < 3 && !held.moved) return;
  pan(scale, timeAt(scale, held.x) - timeAt(scale, x));
  Object.assign(held, { x, moved: true });
  timeline.draw();
}

function pointed(canvas, tooltip, timeline, event) {
  const bar = barAt(timeline, event.offsetX, event.offsetY);
  canvas.style.cursor = bar ? "pointer" : "default";
  tooltip.hidden = !bar;
  if (!bar) return;
  tooltip.textContent = described(timeline, bar);
  tooltip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - tooltip.offsetWidth - 8)}px`;
  tooltip.style.top = `${Math.min(event.clientY + 16, window.innerHeight - tooltip.offsetHeight - 8)}px`;
}

// Without Ctrl the wheel scrolls the page, as everywhere.
function wheeled(timeline, event) {
  if (!event.ctrlKey && !event.metaKey) return;
  event.preventDefault();
  zoom(timeline.scale, event.deltaY > 0 ? 1.25 : 0.8, timeAt(timeline.scale, event.offsetX));
  timeline.draw();
}

function keyed(timeline, event) {
  const { scale } = timeline;
  const acts = {
    "+": () => zoom(scale, 0.5, timeline.selected?.start),
    "=": () => zoom(scale, 0.5, timeline.selected?.start),
    "-": () => zoom(scale, 2),
    0: () => zoom(scale, Infinity),
    ArrowRight: () => step(timeline, 1),
    ArrowLeft: () => step(timeline, -1),
    ArrowDown: () => changeRow(timeline, 1),
    ArrowUp: () => changeRow(timeline, -1),
    Enter: () => timeline.selected && timeline.open(timeline.selected.check),
  };
  if (event.ctrlKey || event.metaKey || !(event.key in acts)) return;
  event.preventDefault();
  acts[event.key]();
  timeline.draw();
}

function step(timeline, by) {
  const worker = timeline.selected?.worker ?? 0;
  const row = timeline.bars.filter((bar) => bar.worker === worker);
  choose(timeline, row[Math.max(0, Math.min(row.length - 1, row.indexOf(timeline.selected) + by))]);
}

// To the check that runs there at about the same time.
function changeRow(timeline, by) {
  const time = timeline.selected?.start ?? 0;
  const worker = (timeline.selected?.worker ?? -1) + by;
  const row = timeline.bars.filter((bar) => bar.worker === worker);
  choose(timeline, row.findLast((bar) => bar.start <= time) ?? row[0]);
}

function choose(timeline, bar) {
  if (!bar) return;
  const { scale } = timeline;
  timeline.selected = bar;
  if (bar.start < scale.from || bar.start > scale.to)
    moveTo(scale, bar.start - (scale.to - scale.from) / 2, scale.to - scale.from);
  timeline.say(bar);
}

// The same for those who do not see it: what each worker did. Single checks stand in the list of all checks.
function inWords(data, timeline) {
  const busy = data.workers.map(() => ({ checks: 0, seconds: 0 }));
  for (const bar of timeline.bars) {
    busy[bar.worker].checks += 1;
    busy[bar.worker].seconds += bar.stop - bar.start;
  }
  const row = (name, cells) =>
    make("tr", {}, ...cells.map((cell) => make(name, name === "th" ? { scope: "col" } : {}, cell)));
  const rows = data.workers.map((worker, index) =>
    row("td", [
      worker,
      String(busy[index].checks),
      seconds(busy[index].seconds),
      `${Math.round((100 * busy[index].seconds) / timeline.scale.end)}%`,
    ]),
  );
  const table = make(
    "table",
    {},
    make("thead", {}, row("th", ["worker", "checks", "busy", "share"])),
    make("tbody", {}, ...rows),
  );
  return make("details", {}, make("summary", {}, "What each worker did"), table);
}
