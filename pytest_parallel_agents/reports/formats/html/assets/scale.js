// Where on the timeline something is: pure arithmetic between seconds, workers and pixels.

const LABELS = 74;
const AXIS = 22;
const TALLEST = 26;
const SHORTEST = 5;
const ROOM = 460;
const MOST_PIXELS = 12000;

function createScale(end, workers) {
  const height = Math.max(SHORTEST, Math.min(TALLEST, Math.floor(ROOM / Math.max(1, workers))));
  const rows = Math.min(workers, Math.floor((MOST_PIXELS - AXIS) / height));
  return {
    end: Math.max(end, 1e-6),
    from: 0,
    to: Math.max(end, 1e-6),
    width: 0,
    height,
    rows,
    total: AXIS + rows * height + 4,
  };
}

function xOf(scale, time) {
  return LABELS + ((time - scale.from) / (scale.to - scale.from)) * (scale.width - LABELS);
}

function timeAt(scale, x) {
  return scale.from + ((x - LABELS) / (scale.width - LABELS)) * (scale.to - scale.from);
}

function rowAt(scale, y) {
  return Math.floor((y - AXIS) / scale.height);
}

// Around `time`, which stays where it is. Never beyond the run, never closer than a hundred thousandth of it.
function zoom(scale, factor, time = (scale.from + scale.to) / 2) {
  const span = Math.min(scale.end, Math.max(scale.end * 1e-5, (scale.to - scale.from) * factor));
  const share = (time - scale.from) / (scale.to - scale.from);
  moveTo(scale, time - share * span, span);
}

function pan(scale, by) {
  moveTo(scale, scale.from + by, scale.to - scale.from);
}

function moveTo(scale, from, span) {
  scale.from = Math.max(0, Math.min(from, scale.end - span));
  scale.to = scale.from + span;
}

// Round times at which the axis has marks: about eight of them.
function marks(scale) {
  const raw = (scale.to - scale.from) / 8;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw);
  const first = Math.ceil(scale.from / step);
  return Array.from({ length: Math.floor(scale.to / step) - first + 1 }, (_, index) => ({
    time: (first + index) * step,
    step,
  }));
}
