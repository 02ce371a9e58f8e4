// The timeline on its canvas.

function colours() {
  const style = getComputedStyle(document.documentElement);
  const value = (name) => style.getPropertyValue(name).trim();
  return {
    ink: value("--ink"),
    quiet: value("--quiet"),
    line: value("--line"),
    bad: value("--bad"),
    ground: value("--ground"),
    link: value("--link"),
    kinds: Array.from({ length: COLOURS }, (_, index) => value(`--kind-${index}`)),
  };
}

function drawTimeline(canvas, timeline) {
  const { scale } = timeline;
  const ratio = window.devicePixelRatio || 1;
  scale.width = canvas.clientWidth;
  canvas.width = scale.width * ratio;
  canvas.height = scale.total * ratio;
  canvas.style.height = `${scale.total}px`;
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  context.font = "11px system-ui, sans-serif";
  const palette = colours();
  drawAxis(context, scale, palette);
  drawLabels(context, timeline, palette);
  context.save();
  context.beginPath();
  context.rect(LABELS, 0, scale.width - LABELS, scale.total);
  context.clip();
  for (const bar of timeline.bars) drawBar(context, timeline, bar, palette);
  for (const bar of timeline.bars) if (bar.check.isCritical) outline(context, scale, bar, palette.ink, 1.5);
  if (timeline.selected) outline(context, scale, timeline.selected, palette.link, 3);
  drawBound(context, timeline, palette);
  context.restore();
}

function drawAxis(context, scale, palette) {
  context.textAlign = "left";
  for (const { time, step } of marks(scale)) {
    const x = xOf(scale, time);
    context.fillStyle = palette.line;
    context.fillRect(x, AXIS - 6, 1, scale.total);
    context.fillStyle = palette.quiet;
    context.fillText(`${time.toFixed(Math.max(0, -Math.floor(Math.log10(step))))} s`, x + 3, 12);
  }
}

function drawLabels(context, { scale, workers }, palette) {
  context.fillStyle = palette.quiet;
  context.textAlign = "right";
  const every = Math.ceil(12 / scale.height);
  for (let row = 0; row < scale.rows; row += every) {
    context.fillText(workers[row].slice(0, 10), LABELS - 8, AXIS + row * scale.height + scale.height / 2 + 4);
  }
}

function drawBar(context, { scale, fits }, { check, start, stop, worker, isBad }, palette) {
  if (stop < scale.from || start > scale.to || worker >= scale.rows) return;
  const x = xOf(scale, start);
  const width = Math.max(0.6, xOf(scale, stop) - x - 0.5);
  const y = AXIS + worker * scale.height;
  context.globalAlpha = fits(check) ? 1 : 0.15;
  context.fillStyle = palette.kinds[check.colour];
  context.fillRect(x, y + 1, width, scale.height - 2);
  if (isBad) {
    const strip = Math.max(2, scale.height * 0.25);
    context.fillStyle = palette.ground;
    context.fillRect(x, y + scale.height - strip - 2, width, 1);
    context.fillStyle = palette.bad;
    context.fillRect(x, y + scale.height - strip - 1, width, strip);
  }
  if (width > 50 && scale.height > 14) drawName(context, { check, isBad }, x, y, width, scale, palette);
  context.globalAlpha = 1;
}

function drawName(context, { check, isBad }, x, y, width, scale, palette) {
  const left = Math.max(x, LABELS);
  const room = Math.floor((x + width - left - 8) / 6);
  if (room < 4) return;
  const name = check.nodeid.split("::").at(-1);
  context.fillStyle = palette.ground;
  context.textAlign = "left";
  context.fillText(
    name.length > room ? `${name.slice(0, room - 1)}\u2026` : name,
    left + 4,
    y + scale.height / 2 + (isBad ? 1 : 4),
  );
}

function outline(context, scale, { start, stop, worker }, colour, width) {
  const x = xOf(scale, start);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.strokeRect(x, AXIS + worker * scale.height + 1, Math.max(1, xOf(scale, stop) - x - 0.5), scale.height - 2);
}

function drawBound(context, { scale, bound }, palette) {
  if (!(bound > 0)) return;
  const x = xOf(scale, bound);
  context.strokeStyle = palette.ink;
  context.lineWidth = 1.5;
  context.setLineDash([4, 3]);
  context.beginPath();
  context.moveTo(x, AXIS - 8);
  context.lineTo(x, scale.total);
  context.stroke();
  context.setLineDash([]);
}
