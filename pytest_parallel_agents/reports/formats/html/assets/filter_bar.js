// Buttons for kinds, outcomes and levels (all, only these, without these), and fields for paths and words.

const NEXT = { all: "include", include: "exclude", exclude: "all" };
const SAID = { all: "shown with all others", include: "only these shown", exclude: "left out" };

function createFilterBar(root, data, state, changed) {
  const values = {
    kind: data.kinds,
    outcome: data.outcomes.filter((outcome) => data.checks.some((check) => check.outcome === outcome)),
    level: data.levels.filter((level) => data.checks.some((check) => check.levels.includes(level))),
  };
  const draw = () => {
    const groups = CHOICES.filter((name) => values[name].length > 1).map((name) =>
      choices(name, values[name], state, apply),
    );
    root.replaceChildren(
      ...groups,
      field("path", "src/ -src/old", state, changed),
      field("text", "word -other", state, changed),
      clear(state, apply),
    );
  };
  const apply = (focus) => {
    changed();
    draw();
    if (focus) root.querySelector(`[data-value="${CSS.escape(focus)}"]`)?.focus();
  };
  draw();
  root.hidden = false;
  return draw;
}

function choices(name, values, state, apply) {
  const buttons = values.map((value) => choice(name, value, state, apply));
  return make("fieldset", {}, make("legend", {}, name), ...buttons);
}

function choice(name, value, state, apply) {
  const { include, exclude } = state.filters[name];
  const now = include.has(value) ? "include" : exclude.has(value) ? "exclude" : "all";
  const label = value.replace("_", " ");
  const button = make("button", { type: "button", "data-state": now, "data-value": `${name}:${value}` }, label);
  button.ariaPressed = { all: "false", include: "true", exclude: "mixed" }[now];
  button.ariaLabel = `${name} ${label}: ${SAID[now]}`;
  button.title = `${SAID[now]}; click: ${SAID[NEXT[now]]}`;
  button.addEventListener("click", () => {
    include.delete(value);
    exclude.delete(value);
    if (NEXT[now] !== "all") state.filters[name][NEXT[now]].add(value);
    apply(`${name}:${value}`);
  });
  return button;
}

function field(name, placeholder, state, changed) {
  const title = "every word narrows; a minus leaves out";
  const input = make("input", {
    type: "search",
    name,
    placeholder,
    title,
    value: state.filters[name],
    spellcheck: false,
  });
  input.addEventListener("input", () => {
    state.filters[name] = input.value;
    changed();
  });
  return make("label", {}, `${name} `, input);
}

function clear(state, apply) {
  const button = make("button", { type: "button" }, "Show all");
  button.addEventListener("click", () => {
    state.filters = noFilters();
    apply();
  });
  return button;
}
