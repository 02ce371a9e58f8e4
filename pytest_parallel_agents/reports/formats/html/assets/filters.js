// Which checks and findings are shown. Of the same name one included value has to fit, and no excluded one may.

const CHOICES = ["kind", "outcome", "level"];

function noFilters() {
  const filters = { path: "", text: "" };
  for (const name of CHOICES) filters[name] = { include: new Set(), exclude: new Set() };
  return filters;
}

function isFiltered(filters) {
  const chosen = CHOICES.some((name) => filters[name].include.size || filters[name].exclude.size);
  return chosen || Boolean(filters.path.trim() || filters.text.trim());
}

// A function that says whether something fits: {kind, outcome, levels, paths, text}, the last two in lower case.
function predicate(filters) {
  const paths = terms(filters.path);
  const words = terms(filters.text);
  return (one) =>
    admits(filters.kind, [one.kind]) &&
    admits(filters.outcome, [one.outcome]) &&
    admits(filters.level, one.levels) &&
    (!paths.include.length || one.paths.some((path) => paths.include.some((term) => isAt(path, term)))) &&
    !one.paths.some((path) => paths.exclude.some((term) => isAt(path, term))) &&
    words.include.every((word) => one.text.includes(word)) &&
    !words.exclude.some((word) => one.text.includes(word));
}

// Of several values one that fits is enough: a check is shown for one of its findings.
function admits({ include, exclude }, values) {
  const fits = (value) => (!include.size || include.has(value)) && !exclude.has(value);
  return values.length ? values.some(fits) : !include.size;
}

function isAt(path, term) {
  if (!term.includes("*")) return path.includes(term);
  return pattern(term).test(path);
}

const patterns = new Map();

function pattern(term) {
  const escaped = () =>
    term
      .split("*")
      .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
      .join(".*");
  if (!patterns.has(term)) patterns.set(term, new RegExp(`^${escaped()}$`));
  return patterns.get(term);
}

// `src/ -src/old "two words"`: what is to be there, and with a minus what is not.
function terms(text) {
  const found = { include: [], exclude: [] };
  for (const [, minus, quoted, plain] of text.toLowerCase().matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)) {
    const term = quoted ?? plain;
    if (term && term !== "-") found[minus ? "exclude" : "include"].push(term);
  }
  return found;
}
