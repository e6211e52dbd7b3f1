// Shows the OpenAPI documents and the AsyncAPI document that the page links to. No library, no other address.
import { element, label, spoken } from "./elements.js";
import { fields, typeOf } from "./schemas.js";

const ROLES = {
  practitioner: ["醫事人員", "Practitioner"],
  offering_unit: ["開課單位", "Offering unit"],
  review_unit: ["審查單位", "Review unit"],
  committee_member: ["審查委員", "Committee member"],
  system_administrator: ["系統管理者", "System administrator"],
  other_system: ["其他系統", "Other system"],
};
const PLACES = { path: ["路徑", "path"], query: ["查詢", "query"], header: ["標頭", "header"] };
const METHODS = ["get", "post", "put", "patch", "delete"];

const content = document.getElementById("content");
const contents = document.getElementById("contents");

function section(id, heading, ...children) {
  contents.append(element("li", {}, element("a", { href: `#${id}` }, ...heading.map((node) => node.cloneNode(true)))));
  return element("section", { id, "aria-labelledby": `${id}-title` },
    element("h2", { id: `${id}-title` }, ...heading), ...children);
}

function entry(id, summary, inside) {
  const entryElement = element("details", { id, class: "entry" }, element("summary", {}, ...summary));
  // What is inside is made when it is first opened: a thousand fields nobody looks at cost nothing.
  entryElement.addEventListener("toggle", () => {
    if (entryElement.open && entryElement.children.length === 1) {
      entryElement.append(element("div", { class: "inside" }, ...inside()));
    }
  });
  return entryElement;
}

function callers(operation) {
  if (operation.security.length === 0) return element("p", {}, label("任何人,不需登入", "Anybody, without signing in"));
  const roles = operation["x-roles"].map(
    (role) => element("li", {}, label(...(ROLES[role] ?? [role, role])), " ", element("code", {}, role)));
  const fresh = operation["x-fresh-sign-in"]
    ? [element("li", {}, label("人員須於十分鐘內登入", "People: signed in within ten minutes"))] : [];
  return element("ul", { class: "plain" }, ...roles, ...fresh);
}

function parameters(whole, operation) {
  const items = (operation.parameters ?? []).map((parameter) => element("li", {},
    element("code", {}, parameter.name), " ",
    element("span", { class: "type" }, label(...(PLACES[parameter.in] ?? [parameter.in, parameter.in])), " · ",
      typeOf(whole, parameter.schema ?? {})),
    parameter.required ? element("span", { class: "required" }, " ", label("必填", "required")) : "",
    parameter.description ? element("div", {}, ...spoken(parameter.description)) : ""));
  return items.length ? [element("h4", {}, label("參數", "Parameters")), element("ul", { class: "fields" }, ...items)] : [];
}

function body(whole, holder) {
  return Object.entries(holder?.content ?? {}).flatMap(([kind, media]) => [
    element("p", {}, element("code", {}, kind), " ",
      element("span", { class: "type" }, typeOf(whole, media.schema ?? {}))),
    fields(whole, media.schema ?? {}),
  ]);
}

function answers(whole, operation) {
  const problems = whole.components.schemas.Problem["x-problems"] ?? [];
  const statuses = Object.keys(operation.responses).sort();
  return element("ul", { class: "plain" }, ...statuses.map((status) => {
    const stated = operation.responses[status];
    const name = stated.$ref?.split("/").at(-1);
    const response = name ? whole.components.responses[name] : stated;
    const inside = status < "400"
      ? body(whole, response)
      : [element("ul", { class: "plain" }, ...problems.filter((problem) => String(problem.status) === status).map(
        (problem) => element("li", {}, element("code", {}, problem.slug), " ", ...spoken(problem.title))))];
    return element("li", {}, element("strong", {}, status), " ",
      ...(status < "400" ? [label("成功", "Success")] : spoken(response.description)), ...inside);
  }));
}

function operationEntry(service, whole, path, method, operation) {
  const summary = [
    element("span", { class: `method ${method}` }, method.toUpperCase()), " ",
    element("code", {}, `${whole.servers[0].url}${path}`),
    element("span", { class: "meaning" }, ...spoken(operation.description)),
  ];
  return entry(`${service}.${operation.operationId}`, summary, () => [
    element("h4", {}, label("誰可以呼叫", "Who may call")), callers(operation),
    ...parameters(whole, operation),
    ...(operation.requestBody ? [element("h4", {}, label("內容", "Body")), ...spoken(operation.requestBody.description ?? ""),
      ...body(whole, operation.requestBody)] : []),
    element("h4", {}, label("回應與拒絕", "Answers and refusals")), answers(whole, operation),
  ]);
}

function serviceSection(name, title, whole) {
  const groups = new Map(); // by feature, in the order in which the document first names it
  for (const [path, item] of Object.entries(whole.paths)) {
    for (const method of METHODS.filter((known) => item[known])) {
      const tag = item[method].tags?.[0] ?? name;
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(operationEntry(name, whole, path, method, item[method]));
    }
  }
  return section(name, title, element("p", {}, ...spoken(whole.info.description ?? "")), ...[...groups].map(
    ([tag, entries]) => element("div", { class: "group" }, element("h3", {}, element("code", {}, tag)), ...entries)));
}

function queueList(channel) {
  const line = (name, args) => element("li", {}, element("code", {}, name), " ",
    element("span", { class: "type" }, Object.entries(args).map(([key, value]) => `${key}: ${value || '""'}`).join(", ")));
  return element("ul", { class: "plain" }, line(channel.address, channel["x-arguments"]),
    ...[...(channel["x-retry-ladder"] ?? []), ...(channel["x-other-queues"] ?? [])].map((q) => line(q.queue, q.arguments)));
}

function eventEntry(whole, name, channel) {
  const message = whole.components.messages[name];
  const data = message.payload.allOf[1].properties.data;
  const exchange = channel.bindings.amqp.exchange;
  const summary = [element("code", {}, name), element("span", { class: "meaning" }, label(channel.title, channel.summary))];
  return entry(name, summary, () => [
    element("ul", { class: "plain" },
      element("li", {}, label("路由鍵", "Routing key"), ": ", element("code", {}, channel.address)),
      element("li", {}, label("交換器", "Exchange"), ": ", element("code", {}, exchange.name), ` (${exchange.type})`),
      element("li", {}, label("發布", "Published by"), ": ", channel["x-publisher"] ?? "—"),
      element("li", {}, label("接收", "Received by"), ": ", channel["x-consumers"].join("、") || "—")),
    element("h4", {}, label("內容", "Body")), fields(whole, data),
    element("h4", {}, label("範例", "Example")),
    element("pre", { tabindex: "0" }, JSON.stringify(message.examples[0].payload, null, 2)),
  ]);
}

function asyncSections(whole) {
  const channels = Object.entries(whole.channels);
  const isQueue = ([, channel]) => channel.bindings.amqp.is === "queue";
  const isPublic = ([, channel]) => channel.servers[0].$ref.endsWith("/public");
  const open = channels.filter((pair) => isQueue(pair) && isPublic(pair));
  const promises = open[0]?.[1]["x-promises"] ?? [];
  return [
    section("events", [label("事件", "Events")],
      ...whole.info.description.split("\n\n").map((part) => element("p", {}, ...spoken(part))),
      entry("envelope", [label("信封:CloudEvents 1.0", "Envelope: CloudEvents 1.0")],
        () => [fields(whole, { $ref: "#/components/schemas/CloudEvent" })]),
      ...channels.filter((pair) => !isQueue(pair)).map(([name, channel]) => eventEntry(whole, name, channel))),
    section("public", [label("給其他機關系統", "For other systems")],
      element("h3", {}, label("承諾", "What is promised")),
      element("ul", { class: "plain" }, ...promises.map((promise) => element("li", {}, label(promise.zh, promise.en)))),
      ...open.map(([name, channel]) => entry(name, [element("code", {}, channel.address),
        element("span", { class: "meaning" }, label(channel.title, channel.summary))], () => [
        ...(channel.description ?? "").split("\n\n").map((part) => element("p", {}, ...spoken(part))), queueList(channel),
        ...(channel["x-permissions"] ? [element("h4", {}, label("權限", "Permissions")), element("ul", { class: "plain" },
          ...Object.entries(channel["x-permissions"]).map(([what, pattern]) =>
            element("li", {}, `${what}: `, element("code", {}, pattern))))] : []),
      ]))),
    section("queues", [label("內部佇列", "Internal queues")], ...channels.filter((pair) => isQueue(pair) && !isPublic(pair)).map(
      ([name, channel]) => entry(name, [element("code", {}, channel.address), " ", label(channel.title, channel.summary)], () => [
        queueList(channel),
        element("h4", {}, label("綁定", "Bindings")),
        element("ul", { class: "plain" }, ...channel["x-bindings"].map((b) => element("li", {}, element("code", {}, b.routingKey)))),
      ]))),
  ];
}

function filter(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const part of content.querySelectorAll("section")) {
    let any = false;
    for (const item of part.querySelectorAll("details.entry")) {
      const said = item.querySelector("summary").textContent.toLowerCase();
      item.hidden = !words.every((word) => said.includes(word));
      any ||= !item.hidden;
      shown += item.hidden ? 0 : 1;
    }
    for (const group of part.querySelectorAll(".group")) {
      group.hidden = !group.querySelector("details.entry:not([hidden])");
    }
    part.hidden = words.length > 0 && !any;
  }
  document.getElementById("found").textContent = words.length ? `符合 ${shown} 項 / ${shown} found` : "";
}

function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
}

async function load(link) {
  const answer = await fetch(link.href);
  if (!answer.ok) throw new Error(`${link.getAttribute("href")}: ${answer.status}`);
  return answer.json();
}

async function show() {
  const links = [...document.querySelectorAll("#documents a")];
  const loaded = await Promise.allSettled(links.map(load));
  loaded.forEach((result, index) => {
    const file = links[index].getAttribute("href");
    if (result.status === "rejected") {
      content.append(element("p", { role: "alert" }, label(`無法讀取 ${file}`, `${file} cannot be read`), ` (${result.reason.message})`));
    } else if (result.value.asyncapi) {
      content.append(...asyncSections(result.value));
    } else {
      const title = [...links[index].childNodes].map((node) => node.cloneNode(true));
      content.append(serviceSection(file.split(".")[0], title, result.value));
    }
  });
  const search = document.getElementById("search");
  search.addEventListener("input", () => filter(search.value));
  search.form.addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", openTarget);
  openTarget();
}

show();
