// JSON Schemas as words and as lists of fields.
import { element, label, spoken } from "./elements.js";

export function resolve(whole, schema) {
  let found = schema;
  while (found.$ref) found = found.$ref.slice(2).split("/").reduce((node, part) => node[part], whole);
  return found;
}

const nameOf = (schema) => schema.$ref?.split("/").at(-1);
const optionsOf = (schema) => schema.anyOf ?? schema.oneOf;

/** The type in a few words: `string (uuid)`, `list of Award`, `"a" | "b"`, `string | null`. */
export function typeOf(whole, schema) {
  const found = resolve(whole, schema);
  if (optionsOf(found)) return optionsOf(found).map((option) => typeOf(whole, option)).join(" | ");
  if (found.enum) return found.enum.map((value) => JSON.stringify(value)).join(" | ");
  if ("const" in found) return JSON.stringify(found.const);
  if (found.type === "array") return `list of ${typeOf(whole, found.items ?? {})}`;
  if (found.type === "object" || found.properties) return nameOf(schema) ?? "object";
  const kind = [found.type ?? "any"].flat().join(" | ");
  const facts = [found.format, found.pattern && `/${found.pattern}/`, bounds(found)].filter(Boolean).join(", ");
  return facts ? `${kind} (${facts})` : kind;
}

function bounds(schema) {
  const low = schema.minimum ?? schema.minLength;
  const high = schema.maximum ?? schema.maxLength;
  return low === undefined && high === undefined ? "" : `${low ?? ""}…${high ?? ""}`;
}

/** The fields of an object as a list, those of its parts below them. What contains itself is shown once. */
export function fields(whole, schema, above = new Set()) {
  const found = inner(whole, schema);
  if (!found.properties || above.has(found)) return element("span", {});
  const inside = new Set([...above, found]);
  return element("ul", { class: "fields" }, ...Object.entries(found.properties).map(([name, field]) => {
    const required = found.required?.includes(name);
    const described = field.description ?? "";
    return element("li", {},
      element("code", {}, name), " ", element("span", { class: "type" }, typeOf(whole, field)),
      required ? element("span", { class: "required" }, " ", label("必填", "required")) : "",
      described ? element("div", { class: "note" }, ...spoken(described)) : "",
      fields(whole, field, inside));
  }));
}

/** The object behind a field: through references, lists and "or null". */
function inner(whole, schema) {
  let found = resolve(whole, schema);
  for (;;) {
    const options = optionsOf(found)?.map((option) => resolve(whole, option)).filter((option) => option.type !== "null");
    if (options?.length === 1) found = options[0];
    else if (found.type === "array" && found.items) found = resolve(whole, found.items);
    else return found;
  }
}
