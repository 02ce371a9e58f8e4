// What is chosen on the page stands in its address, so that a link shows the same: after #, because no server is asked.

function readState(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const filters = noFilters();
  for (const name of CHOICES) {
    filters[name].include = new Set(given.getAll(name));
    filters[name].exclude = new Set(given.getAll(`${name}!`));
  }
  filters.path = given.get("path") ?? "";
  filters.text = given.get("text") ?? "";
  return { filters, sort: given.get("sort") ?? "", check: given.get("check"), cause: given.get("cause") };
}

function writeState(state) {
  const chosen = new URLSearchParams();
  for (const name of CHOICES) {
    for (const value of state.filters[name].include) chosen.append(name, value);
    for (const value of state.filters[name].exclude) chosen.append(`${name}!`, value);
  }
  for (const name of ["path", "text"]) if (state.filters[name]) chosen.set(name, state.filters[name]);
  if (state.sort) chosen.set("sort", state.sort);
  for (const name of ["check", "cause"]) if (state[name] !== null) chosen.set(name, state[name]);
  return chosen.size ? `#${chosen}` : "#";
}
