"use strict";
// Renders /openapi.json: operations by tag, their parameters, bodies and answers.
const el = (tag, text, cls) => { const e = document.createElement(tag); if (text) e.textContent = text; if (cls) e.className = cls; return e; };
const name = (ref) => ref.split("/").pop();
const typeOf = (s) => !s ? "" : s.$ref ? name(s.$ref) : s.type === "array" ? typeOf(s.items) + "[]" : [].concat(s.type || "any").join(" or ") + (s.format ? ` (${s.format})` : "");

function fields(spec, schema) {
  if (schema && schema.$ref) schema = spec.components.schemas[name(schema.$ref)];
  if (schema && schema.type === "array") return fields(spec, schema.items);
  if (!schema || !schema.properties) return null;
  const t = el("table");
  for (const [key, s] of Object.entries(schema.properties)) {
    const r = t.insertRow();
    r.insertCell().append(el("code", key));
    r.insertCell().textContent = typeOf(s);
    r.insertCell().textContent = s.description || "";
  }
  return t;
}

function operation(spec, path, method, op) {
  const s = el("section");
  s.id = op.operationId;
  s.append(el("h3", op.summary));
  const route = el("div", "", "route");
  route.append(el("span", method.toUpperCase(), "method"), el("span", path));
  s.append(route);
  if (op.description) s.append(el("p", op.description, "quiet"));
  const params = (op.parameters || []).filter((p) => p.in !== "path");
  if (params.length) {
    const t = el("table");
    for (const p of params) { const r = t.insertRow(); r.insertCell().append(el("code", p.name)); r.insertCell().textContent = p.in; r.insertCell().textContent = p.description || ""; }
    s.append(t);
  }
  for (const [type, body] of Object.entries(op.requestBody?.content || {})) {
    s.append(el("p", `Body: ${type}`, "quiet"));
    if (body.example) s.append(el("pre", JSON.stringify(body.example, null, 2)));
    const t = fields(spec, body.schema);
    if (t) { const d = el("details"); d.append(el("summary", "All fields"), t); s.append(d); }
  }
  for (const [status, answer] of Object.entries(op.responses || {})) {
    const schema = Object.values(answer.content || {})[0]?.schema;
    if (!status.startsWith("2")) continue;
    s.append(el("p", `Answers ${status}${schema ? ": " + typeOf(schema) : ""}`, "quiet"));
    const t = fields(spec, schema);
    if (t) { const d = el("details"); d.append(el("summary", "The answer's fields"), t); s.append(d); }
  }
  return s;
}

const problems = [["malformed", "400, 408", "Not what it says it is: broken JSON, broken gzip, or it broke off. detail says at which byte."],
  ["unauthorized", "401", "No key or token, or not one of this account."], ["forbidden", "403", "Known, but not allowed to do this."],
  ["not-found", "404", "Not there, or not for who asks."], ["stale", "409", "An older version than the one held; current tells which."],
  ["conflict", "409", "Against the state as it is, or an Idempotency-Key used for another request."], ["too-large", "413", "Over a limit, which the detail names."],
  ["unsupported", "415", "Of a type or an encoding that is not taken here."], ["invalid", "405, 422", "Wrong in itself; pointer says where."],
  ["internal", "500", "Our fault; send it again with the same Idempotency-Key."], ["unavailable", "503", "Not now; try again after Retry-After."]];

async function main() {
  const spec = await (await fetch("/openapi.json")).json();
  const page = document.getElementById("main"), nav = document.getElementById("nav");
  page.replaceChildren(el("h1", spec.info.title + " API"), el("p", spec.info.description + " Version " + spec.info.version + "."));
  page.append(el("p", "Send the account's API key as Authorization: Bearer …. A 2xx means the write is durable and on its way to every screen. Writes with an Idempotency-Key can be sent again.", "quiet"));
  const byTag = new Map();
  for (const [path, item] of Object.entries(spec.paths))
    for (const [method, op] of Object.entries(item)) byTag.set(op.tags?.[0], [...(byTag.get(op.tags?.[0]) || []), [path, method, op]]);
  for (const [tag, ops] of byTag) {
    nav.append(el("h2", tag));
    for (const [path, method, op] of ops) {
      const a = el("a", op.summary); a.href = "#" + op.operationId; nav.append(a);
      page.append(operation(spec, path, method, op));
    }
  }
  nav.append(el("h2", "Problems"));
  for (const [kind, status, text] of problems) {
    const s = el("section"); s.id = "problem-" + kind; s.append(el("h3", kind), el("p", `${status}. ${text}`)); page.append(s);
    const a = el("a", kind); a.href = "#problem-" + kind; nav.append(a);
  }
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}
main().catch((e) => { document.getElementById("main").textContent = "The description could not be loaded: " + e.message; });
