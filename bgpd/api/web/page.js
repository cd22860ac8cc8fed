// The page of one bgpd: reads the daemon's JSON documents every few seconds and shows them. It changes nothing.
"use strict";

const REFRESH_MS = 3000;
const TOPOLOGY_MS = 15000;
const SESSIONS_SHOWN = 200;
const ROUTES_SHOWN = 500;
const EVENTS_SHOWN = 200;

const byId = (id) => document.getElementById(id);

// --- elements: everything from the daemon goes in as text, never as markup ------------------------------------

function element(name, text, attributes = {}) {
  const made = document.createElement(name);
  made.textContent = text;
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// --- values ---------------------------------------------------------------------------------------------------

const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);

function duration(seconds) {
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const days = Math.floor(seconds / 86400);
  if (days >= 7) return `${Math.floor(days / 7)}w${days % 7}d`;
  if (days) return `${days}d${two((seconds % 86400) / 3600)}h`;
  return `${two(seconds / 3600)}:${two((seconds % 3600) / 60)}:${two(seconds % 60)}`;
}

function standing(peer) {
  if (peer.state === "Established") return "up";
  return peer.admin_down || peer.problem || peer.state === "Idle" ? "down" : "starting";
}

function reason(peer) {
  if (peer.problem) return peer.problem;
  if (!peer.last_error) return "";
  const error = peer.last_error;
  return error.code ? `${error.text} (${error.direction} ${error.code}/${error.subcode})` : error.text;
}

// --- tables: heading, text, class -----------------------------------------------------------------------------

const SESSION_COLUMNS = [
  ["Session", (peer) => peer.name],
  ["Peer", (peer) => peer.peer_ip],
  ["AS", (peer) => peer.peer_as],
  ["State", (peer) => peer.state, standing],
  ["Uptime", (peer) => (peer.uptime_seconds ? duration(peer.uptime_seconds) : "")],
  ["Flaps", (peer) => peer.flaps],
  ["Received", (peer) => total(peer.received)],
  ["Accepted", (peer) => total(peer.accepted)],
  ["Advertised", (peer) => total(peer.advertised)],
  ["Last error", reason],
];

const ROUTE_COLUMNS = [
  ["Prefix", (route) => route.prefix],
  ["Next hop", (route) => route.next_hop.join(", ")],
  ["From", (route) => route.from],
  ["AS path", (route) => route.as_path.map((part) => (Array.isArray(part) ? `{${part}}` : part)).join(" ")],
  ["Loc. pref.", (route) => route.local_pref ?? ""],
  ["Is", marks, (route) => (route.rejected ? "down" : route.best ? "up" : "")],
];

function marks(route) {
  if (route.rejected) return `rejected: ${route.rejected}`;
  const words = { best: route.best, "in the kernel": route.installed, stale: route.stale };
  return Object.keys(words).filter((word) => words[word]).join(", ");
}

function fill(table, columns, rows) {
  const heads = columns.map(([heading]) => element("th", heading, { scope: "col" }));
  table.tHead.rows[0].replaceChildren(...heads);
  table.tBodies[0].replaceChildren(...rows.map((row) => {
    const line = document.createElement("tr");
    line.append(...columns.map(([heading, text, style]) =>
      element("td", String(text(row)), { "data-label": heading, class: style ? style(row) : "" })));
    return line;
  }));
}

// --- the parts of the page ------------------------------------------------------------------------------------

function showStatus(status) {
  document.title = `${status.node}: ${status.sessions.established} of ${status.sessions.configured} up`;
  byId("node").textContent = status.node;
  const facts = {
    AS: status.as ?? "-",
    "Router ID": status.router_id ?? "-",
    Sessions: `${status.sessions.established} of ${status.sessions.configured} Established`,
    Routes: `${status.loc_rib.ipv4} IPv4, ${status.loc_rib.ipv6} IPv6`,
    "Up for": duration(status.uptime_seconds),
    Version: status.version,
    ...(status.draining ? { Drained: "yes" } : {}),
  };
  byId("facts").replaceChildren(...Object.entries(facts).map(([name, value]) => {
    const pair = document.createElement("div");
    pair.append(element("dt", name), element("dd", String(value)));
    return pair;
  }));
  byId("problems").hidden = status.problems.length === 0;
  byId("problems").querySelector("ul").replaceChildren(...status.problems.map((problem) =>
    element("li", `${problem.where}: ${problem.message}${problem.remedy ? ` (${problem.remedy})` : ""}`)));
}

// Those that are not up come first: in a large mesh nobody would find them.
function showSessions(peers) {
  const gravity = (peer) => GRAVITY.indexOf(standing(peer));
  const shown = [...peers].sort((one, other) => gravity(other) - gravity(one)).slice(0, SESSIONS_SHOWN);
  byId("shown").hidden = peers.length > 0 && shown.length === peers.length;
  byId("shown").textContent = peers.length ? `the first ${shown.length} of ${peers.length}` : "none";
  fill(byId("sessions"), SESSION_COLUMNS, shown);
}

function offerPeers(peers) {
  const select = byId("search").elements.received_from;
  const names = peers.map((peer) => peer.name);
  if ([...select.options].slice(1).map((option) => option.value).join() === names.join()) return;
  const chosen = select.value;
  select.replaceChildren(select.options[0], ...names.map((name) => element("option", name, { value: name })));
  select.value = names.includes(chosen) ? chosen : "";
}

async function showRoutes() {
  const query = new URLSearchParams({ limit: ROUTES_SHOWN + 1 });
  for (const [name, value] of new FormData(byId("search"))) if (value.trim()) query.set(name, value.trim());
  try {
    const routes = await get(`v1/routes?${query}`);
    const more = routes.length > ROUTES_SHOWN;
    byId("found").textContent = more ? `the first ${ROUTES_SHOWN} paths` : `${routes.length} paths`;
    fill(byId("routes"), ROUTE_COLUMNS, routes.slice(0, ROUTES_SHOWN));
  } catch (error) {
    byId("found").textContent = error.message;
    fill(byId("routes"), ROUTE_COLUMNS, []);
  }
}

let lastEvent = 0;

async function showEvents() {
  const text = await (await answer(`v1/events?since=${lastEvent}`)).text();
  const list = byId("events");
  for (const event of text.split("\n").filter(Boolean).map(JSON.parse)) {
    lastEvent = event.sequence;
    const line = document.createElement("li");
    line.append(
      element("time", new Date(event.time).toLocaleTimeString(), { datetime: event.time, title: event.time }),
      element("span", event.message),
      element("span", event.fields.reason ? ` (${event.fields.reason})` : "", { class: "faint" }),
    );
    list.prepend(line);
  }
  while (list.children.length > EVENTS_SHOWN) list.lastChild.remove();
}

// --- asking the daemon ----------------------------------------------------------------------------------------

async function answer(target) {
  const response = await fetch(target, { cache: "no-store" });
  if (response.ok) return response;
  const refusal = await response.json().catch(() => ({ error: `HTTP status ${response.status}` }));
  throw new Error(refusal.error);
}

const get = async (target) => (await answer(target)).json();

let startedAt = null;
let topology = null;
let topologyAt = 0;

async function refresh() {
  try {
    const [status, peers] = await Promise.all([get("v1/status"), get("v1/peers")]);
    if (startedAt !== status.started_at) {
      startedAt = status.started_at; // another run of the daemon counts its events from 1
      lastEvent = 0;
      topology = null;
      byId("events").replaceChildren();
    }
    showStatus(status);
    if (topology === null || Date.now() - topologyAt > TOPOLOGY_MS) {
      [topology, topologyAt] = [await get("v1/topology").catch(() => null), Date.now()];
    }
    if (topology !== null) drawTopology(byId("topology"), topology, new Map(peers.map((peer) => [peer.name, peer])));
    showSessions(peers);
    offerPeers(peers);
    await showEvents();
    byId("fault").hidden = true;
  } catch (error) {
    byId("fault").textContent = `The daemon does not answer: ${error.message}. What is shown may be old.`;
    byId("fault").hidden = false;
  }
}

async function keepRefreshing() {
  if (!document.hidden) await refresh();
  setTimeout(keepRefreshing, REFRESH_MS);
}

byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  showRoutes();
});
document.addEventListener("visibilitychange", () => document.hidden || refresh());
keepRefreshing().then(showRoutes);
