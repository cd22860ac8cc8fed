// The cluster as a picture: reflectors in the middle, nodes around them, outside peers outermost.
"use strict";

const RINGS = ["reflector", "node", "outside"];
const BOX_HEIGHT = 38;
const GAP = 18;
const GRAVITY = ["up", "starting", "down"];

function drawn(name, attributes, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

// Draws the document of /v1/topology; `peers` holds the sessions of this node by name, whose states give colours.
function drawTopology(svg, topology, peers) {
  const places = placed(topology.vertices);
  const margin = Math.max(0, ...topology.vertices.map(boxWidth)) / 2 + 8;
  const [left, right] = ends(places.map(([x]) => x), margin);
  const [top, bottom] = ends(places.map(([, y]) => y), BOX_HEIGHT / 2 + 8);
  const [width, height] = [right - left, bottom - top];
  svg.setAttribute("viewBox", `${left} ${top} ${width} ${height}`);
  const first = svg.childElementCount === 0;
  svg.style.minWidth = `${Math.min(width, 1000)}px`; // on a phone one looks at a part and moves it
  svg.style.maxWidth = `${1.4 * width}px`;
  svg.replaceChildren(
    ...topology.links.map((link) => line(places[link.from], places[link.to], link, peers)),
    ...topology.vertices.map((vertex, index) => box(places[index], vertex)),
  );
  const own = places[topology.vertices.findIndex((vertex) => vertex.own)];
  if (first && own) centre(svg, (own[0] - left) / width, (own[1] - top) / height);
}

const ends = (values, margin) => [Math.min(0, ...values) - margin, Math.max(0, ...values) + margin];

function centre(svg, x, y) {
  const frame = svg.parentElement;
  frame.scrollLeft = x * svg.clientWidth - frame.clientWidth / 2;
  frame.scrollTop = y * svg.clientHeight - frame.clientHeight / 2;
}

function boxWidth(vertex) {
  return Math.max(96, 7 * Math.max(vertex.name.length, roleOf(vertex).length) + 16);
}

function roleOf(vertex) {
  const many = vertex.count > 1 ? `${vertex.count} \u00d7 ` : "";
  return `${many}AS ${vertex.as}${vertex.kind === "reflector" ? ", reflector" : ""}`;
}

// Gives each ring room for its boxes and for the rings inside it; what is alone in the middle stands there.
function placed(vertices) {
  const places = new Array(vertices.length);
  let inner = null;
  for (const kind of RINGS) {
    const members = [...vertices.keys()].filter((index) => vertices[index].kind === kind);
    if (members.length === 0) continue;
    const widest = Math.max(...members.map((index) => boxWidth(vertices[index]))) + GAP;
    const around = (members.length * (BOX_HEIGHT + GAP)) / Math.PI;
    const radius = inner === null && members.length === 1 ? 0 : Math.max(around, (inner ?? 0) + widest * 0.7, 90);
    members.forEach((index, turn) => {
      const angle = (2 * Math.PI * turn) / members.length - Math.PI / 2;
      places[index] = [1.5 * radius * Math.cos(angle), radius * Math.sin(angle)];
    });
    inner = radius;
  }
  return places;
}

function line([x1, y1], [x2, y2], link, peers) {
  const sessions = link.sessions.map((name) => peers.get(name)).filter(Boolean);
  const worst = sessions.map(standing).sort((a, b) => GRAVITY.indexOf(b) - GRAVITY.indexOf(a))[0];
  const made = drawn("line", { x1, y1, x2, y2, class: `${link.kind} ${worst ?? "configured"}` });
  const states = sessions.slice(0, 20).map((peer) => `${peer.name}: ${peer.state}`);
  made.append(drawn("title", {}, states.join("\n") || `${link.kind}, as configured`));
  return made;
}

function box([x, y], vertex) {
  const width = boxWidth(vertex);
  const more = vertex.count > vertex.members.length ? [`and ${vertex.count - vertex.members.length} more`] : [];
  const group = drawn("g", { class: `${vertex.kind}${vertex.own ? " own" : ""}` });
  group.append(
    drawn("title", {}, [...vertex.members, ...more].join("\n")),
    drawn("rect", {
      x: x - width / 2, y: y - BOX_HEIGHT / 2, width, height: BOX_HEIGHT, rx: vertex.kind === "outside" ? 16 : 4,
    }),
    drawn("text", { x, y: y - 3 }, vertex.name),
    drawn("text", { x, y: y + 12 }, roleOf(vertex)),
  );
  return group;
}
