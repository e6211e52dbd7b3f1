// Small makers of elements. Text is only ever set as text, never as markup.

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== ""));
  return made;
}

/** Chinese first, the English beside it. */
export function label(chinese, english) {
  const both = document.createDocumentFragment();
  both.append(chinese, " ", element("span", { lang: "en" }, english));
  return both;
}

/** A text of the documents: `中文 / English`, or in one language only; `code` between backticks. */
export function spoken(text) {
  const [first, ...rest] = text.split(" / ");
  const chinese = /[\u3400-\u9fff]/;
  if (rest.length && chinese.test(first)) {
    return [...coded(first), " ", element("span", { lang: "en" }, ...coded(rest.join(" / ")))];
  }
  return chinese.test(text) ? coded(text) : [element("span", { lang: "en" }, ...coded(text))];
}

function coded(text) {
  return text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
}
