// Shows what /local/watch sends. Values from the registry are inserted as text, never as HTML.
"use strict";

const MOST_SHOWN = 100;
let lastNumber = 0;
let lastOffered = "";

const byId = (id) => document.getElementById(id);

/** Create an element with a class and children; strings become text nodes. */
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

/** Show the objects of one kind: the live versions of each name, or the newest, with the others folded below. */
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

/** Cut a long id, with the whole id in the tooltip. */
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

/** Show why a rule fired or not, and what it sends. */
function reasons(entry) {
  if (!entry.rule) return [];
  return [
    element("p", "rule", entry.rule),
    element("ul", "why", ...entry.why.map((line) => element("li", "", line))),
    entry.payload ? element("pre", "payload", JSON.stringify(entry.payload, null, 2)) : null,
  ];
}

/** Show the same folded, so that the list of activity can be read at a glance. */
function folded(entry) {
  if (!entry.rule) return null;
  const summary = element("summary", "", entry.payload ? "why, and the payload" : "why");
  return element("details", "", summary, ...reasons(entry));
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
    folded(entry),
  );
}

/** Show the effects of one event: each rule that it affected, those that fired first. */
function outcome(told) {
  const quiet = told.quiet.map((entry) => ({ ...entry, kind: "quiet", target: null }));
  const all = [
    ...told.fired.map((entry) => ({ ...entry, kind: "fired" })),
    ...told.suppressed.map((entry) => ({ ...entry, kind: "suppressed" })),
    ...quiet,
  ];
  if (!all.length) return [element("p", "empty", "Nothing fired: no live rule refers to these attributes.")];
  return all.map((entry) =>
    element(
      "article",
      entry.kind,
      element("p", "title", element("strong", "", entry.name), element("span", "version", `v${entry.version}`), badge(entry.kind === "quiet" ? "did not fire" : entry.kind)),
      ...(entry.kind === "fired" ? remarks(entry) : remarks({ ...entry, kind: "suppressed" })),
      ...reasons(entry),
    ),
  );
}

function field(name, type, value) {
  const input = element("input", "");
  input.name = name;
  input.value = value;
  input.autocomplete = "off";
  input.spellcheck = false;
  return element("label", "field", element("span", "", name, type ? element("span", "type", type) : null), input);
}

/** Show the form's fields, one for each attribute of a live group and one for each key. Typed values are kept. */
function showOffered(offered) {
  const typed = new Map([...byId("fire").querySelectorAll("input")].map((input) => [input.name, input.value]));
  const keys = [...new Set(offered.map((attribute) => attribute.key))];
  byId("visitor").replaceChildren(...keys.map((key) => field(key, "id", typed.get(key) ?? newId())));
  byId("values").replaceChildren(
    ...offered.map((attribute) => field(attribute.name, attribute.type, typed.get(attribute.name) ?? "")),
  );
  byId("offered").hidden = !offered.length;
  byId("nothing-offered").hidden = Boolean(offered.length);
}

/** crypto.randomUUID exists only in secure contexts, and this page is one only under a loopback name. */
const newId = () => crypto.randomUUID();

async function fire() {
  const filled = (id) =>
    Object.fromEntries([...byId(id).querySelectorAll("input")].filter((input) => input.value).map((input) => [input.name, input.value]));
  const body = { keys: filled("visitor"), attributes: filled("values") };
  if (!Object.keys(body.attributes).length) return [element("p", "empty", "Give at least one attribute a value.")];
  if (!Object.keys(body.keys).length) return [element("p", "empty", "Give the visitor an id.")];
  try {
    const answer = await fetch("/local/fire", {
      method: "POST",
      headers: { "Content-Type": "application/json", ...authorization() },
      body: JSON.stringify(body),
    });
    const told = await answer.json();
    if (answer.ok) return outcome(told);
    const detail = Array.isArray(told.detail) ? told.detail.map((each) => `${each.loc.at(-1)}: ${each.msg}`).join("; ") : told.detail;
    return [element("p", "refused", detail)];
  } catch {
    return [element("p", "refused", "The API is not reachable.")];
  }
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
  if (!box.children.length) box.append(element("li", "empty", "Nothing yet. Send some values above, or push an intervention."));
}

function showPicture(picture) {
  list("interventions", picture.interventions, intervention);
  list("attribute_groups", picture.attribute_groups, attributeGroup);
  list("attribute_keys", picture.attribute_keys, attributeKey);
  list("services", picture.services, service);
  const offered = JSON.stringify(picture.offered);
  if (offered !== lastOffered) {
    lastOffered = offered;
    showOffered(picture.offered);
  }
  const live = picture.interventions.filter((object) => object.status === "live").length;
  byId("counts").textContent = `· ${number(live, "live intervention", "live interventions")} · ${number(picture.listeners, "listener", "listeners")}`;
  const last = picture.activity.length ? picture.activity[picture.activity.length - 1].number : 0;
  // After a reset or a restart, the list is a new one.
  if (last < lastNumber) {
    lastNumber = 0;
    byId("activity").replaceChildren();
  }
  showActivity(picture.activity);
}

function connected(isConnected, otherwise = "not reachable, trying again") {
  byId("connection").textContent = isConnected ? "connected" : otherwise;
  byId("connection").className = isConnected ? "on" : "off";
}

// The token, if the API was started with one. It is kept for this tab only.
const TOKEN = "token";
const authorization = () => {
  const token = sessionStorage.getItem(TOKEN);
  return token ? { Authorization: `Bearer ${token}` } : {};
};

/** Wait until a token is entered. */
function askForToken() {
  const form = byId("token");
  form.hidden = false;
  connected(false, "waiting for the token");
  return new Promise((given) => {
    form.onsubmit = (event) => {
      event.preventDefault();
      sessionStorage.setItem(TOKEN, form.querySelector("input").value);
      form.reset();
      form.hidden = true;
      given();
    };
  });
}

const SHOWN = {
  picture: showPicture,
  activity: (entry) => showActivity([entry]),
};

function take(frame) {
  const fields = new Map(frame.split("\n").map((line) => [line.slice(0, line.indexOf(": ")), line.slice(line.indexOf(": ") + 2)]));
  SHOWN[fields.get("event")]?.(JSON.parse(fields.get("data")));
}

/** Read server-sent events with fetch, since an EventSource cannot send a token. */
async function read(answer) {
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const frames = (text + value).split("\n\n");
    text = frames.pop();
    frames.forEach(take);
  }
}

async function watch() {
  for (;;) {
    try {
      const answer = await fetch("/local/watch", { headers: authorization(), cache: "no-store" });
      if (answer.status === 401) {
        await askForToken();
        continue;
      }
      if (answer.ok) {
        connected(true);
        await read(answer);
      }
    } catch {
      // Retried below.
    }
    connected(false);
    await new Promise((wake) => setTimeout(wake, 1000));
  }
}

byId("origin").textContent = location.origin;
byId("fire").addEventListener("submit", async (event) => {
  event.preventDefault();
  byId("outcome").replaceChildren(...(await fire()));
});
byId("new-visitor").addEventListener("click", () => {
  for (const input of byId("visitor").querySelectorAll("input")) input.value = newId();
});
watch();
