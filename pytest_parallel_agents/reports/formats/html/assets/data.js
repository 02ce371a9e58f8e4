// The checks of the page, from compact rows: see data.py for what stands where.

const COLOURS = 8;

function readData(text) {
  const page = JSON.parse(text);
  const critical = new Set(page.critical_path);
  const bad = new Set(page.bad);
  const checks = page.rows.map((row, index) => checkOf(page, row, index, critical, bad));
  return { ...page, checks, byNodeid: new Map(checks.map((check) => [check.nodeid, check])) };
}

function checkOf(page, [nodeid, kind, outcome, levels, duration, group, message, runs], index, critical, bad) {
  const attempts = runs.map(([worker, start, stop, end]) => ({
    worker,
    start,
    stop,
    isBad: bad.has(page.outcomes[end]),
  }));
  const last = attempts.at(-1);
  const details = page.details[index] ?? {};
  return {
    index,
    nodeid,
    duration,
    group,
    message,
    attempts,
    details,
    kind: page.kinds[kind],
    colour: kind % COLOURS,
    outcome: page.outcomes[outcome],
    isBad: bad.has(page.outcomes[outcome]),
    levels: levels.map((level) => page.levels[level]),
    worker: last ? page.workers[last.worker] : "",
    start: last ? last.start : null,
    isCritical: critical.has(index),
    // Made when they are first asked for: most pages are never searched.
    get paths() {
      return [nodeid.split("::")[0], ...(details.findings ?? []).map(([path]) => path)].map(lowered);
    },
    get text() {
      return (this.lowered ??= lowered(
        [nodeid, message, ...(details.findings ?? []).flat(), ...(details.output ?? []).flat()].join("\n"),
      ));
    },
  };
}

function lowered(text) {
  return text.toLowerCase();
}
