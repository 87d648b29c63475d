// Shows what /local/watch tells. Whatever comes from the registry is put in as text, never as HTML.
"use strict";

const MOST_SHOWN = 100;
let lastNumber = 0;

const byId = (id) => document.getElementById(id);

/** An element with a class and children; strings among them become text. */
function element(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

const number = (count, one, many) => `${count} ${count === 1 ? one : many}`;

function badge(status) {
  return element("span", `badge ${status}`, status);
}

function title(object) {
  const version = object.version ? element("span", "version", `v${object.version}`) : null;
  return element("p", "title", element("strong", "", object.name), version, badge(object.status));
}

function intervention(object) {
  const facts = [
    object.targets.length ? `sent to ${object.targets.join(", ")}` : "sent to nobody",
    object.payload.length ? `with ${object.payload.join(", ")}` : "",
    object.owner,
  ];
  return element(
    "article",
    object.status,
    title(object),
    object.description ? element("p", "description", object.description) : null,
    element("p", "rule", object.rule),
    element("p", "facts", facts.filter(Boolean).join(" · ")),
  );
}

function attributeGroup(object) {
  const attributes = object.attributes.map((attribute) =>
    element("li", "", attribute.name, element("span", "type", attribute.type)),
  );
  return element(
    "article",
    object.status,
    title(object),
    object.description ? element("p", "description", object.description) : null,
    element("ul", "attributes", ...attributes),
    element("p", "facts", [`for ${object.key}`, object.owner].filter(Boolean).join(" · ")),
  );
}

function attributeKey(object) {
  return element("p", "line", element("strong", "", object.name), object.built_in ? element("span", "type", "built in") : badge(object.status));
}

function service(object) {
  return element(
    "article",
    object.status,
    title(object),
    element("p", "facts", [object.groups.join(", "), object.owner].filter(Boolean).join(" · ")),
  );
}

/** Objects of one kind: of each name the live versions, or the newest; the others folded away below. */
function list(id, objects, show) {
  const box = byId(id);
  const open = new Set([...box.querySelectorAll("details[open]")].map((details) => details.dataset.name));
  const names = new Map();
  for (const object of objects) names.set(object.name, [...(names.get(object.name) || []), object]);
  const shown = [];
  for (const [name, versions] of names) {
    const front = versions.filter((object, index) => object.status === "live" || index === 0);
    const others = versions.filter((object) => !front.includes(object));
    shown.push(...front.map(show));
    if (others.length) {
      const details = element("details", "", element("summary", "", number(others.length, "earlier version", "earlier versions")), ...others.map(show));
      details.dataset.name = name;
      details.open = open.has(name);
      shown.push(details);
    }
  }
  box.replaceChildren(...(shown.length ? shown : [element("p", "empty", "none yet")]));
}

/** A long id is cut; the whole of it is in the tooltip. */
function keyId(text) {
  const code = element("code", "", text.length > 12 ? `${text.slice(0, 8)}…` : text);
  code.title = text;
  return code;
}

function target(object, remark) {
  return element("p", "facts", `${object.name} `, keyId(object.id), ` · ${remark}`);
}

const listeners = (count) => (count ? number(count, "listener", "listeners") : "nobody was listening");

function remarks(entry) {
  if (entry.kind !== "suppressed") return entry.targets.map((each) => target(each, listeners(each.listeners)));
  return [entry.target ? target(entry.target, entry.reason) : element("p", "facts", entry.reason)];
}

function happening(entry) {
  const time = element("time", "", new Date(entry.at).toLocaleTimeString("en-GB"));
  time.dateTime = entry.at;
  return element(
    "li",
    entry.kind,
    time,
    element("p", "title", element("strong", "", entry.name), element("span", "version", `v${entry.version}`), badge(entry.kind)),
    ...remarks(entry),
  );
}

function showActivity(entries) {
  const box = byId("activity");
  for (const entry of entries) {
    if (entry.number <= lastNumber) continue;
    lastNumber = entry.number;
    box.querySelector(".empty")?.remove();
    box.prepend(happening(entry));
  }
  while (box.children.length > MOST_SHOWN) box.lastElementChild.remove();
  if (!box.children.length) box.append(element("li", "empty", "Nothing yet. Post an event to /local/attributes, or push an intervention."));
}

function showPicture(picture) {
  list("interventions", picture.interventions, intervention);
  list("attribute_groups", picture.attribute_groups, attributeGroup);
  list("attribute_keys", picture.attribute_keys, attributeKey);
  list("services", picture.services, service);
  const live = picture.interventions.filter((object) => object.status === "live").length;
  byId("counts").textContent = `· ${number(live, "live intervention", "live interventions")} · ${number(picture.listeners, "listener", "listeners")}`;
  const last = picture.activity.length ? picture.activity[picture.activity.length - 1].number : 0;
  // After a reset or a restart the list is another one.
  if (last < lastNumber) {
    lastNumber = 0;
    byId("activity").replaceChildren();
  }
  showActivity(picture.activity);
}

function connected(isConnected) {
  byId("connection").textContent = isConnected ? "connected" : "not reachable, trying again";
  byId("connection").className = isConnected ? "on" : "off";
}

byId("origin").textContent = location.origin;
const watch = new EventSource("/local/watch");
watch.addEventListener("open", () => connected(true));
watch.addEventListener("error", () => connected(false));
watch.addEventListener("picture", (event) => showPicture(JSON.parse(event.data)));
watch.addEventListener("activity", (event) => showActivity([JSON.parse(event.data)]));
