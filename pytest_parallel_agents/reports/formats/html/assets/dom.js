// Elements from values. Text from checks only ever becomes text: nothing here reads markup.

function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in element && key !== "role") element[key] = value;
    else if (value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function byId(id) {
  return document.getElementById(id);
}

function seconds(value) {
  return value >= 1 ? `${value.toFixed(1)} s` : `${value.toFixed(3)} s`;
}

function counted(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

function outcomeBadge(outcome, isBad) {
  return make("span", { className: `outcome ${isBad ? "bad" : outcome}` }, outcome.replace("_", " "));
}

// Not more often than the screen is drawn.
function eachFrame(draw) {
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      draw();
    });
  };
}
