// What can be said about a page's accessibility without a library: names, labels, ids, headings, and the contrast of
// every text against what lies behind it.

/** Runs in the page; answers sentences about what is wrong. */
export function faults() {
  const found = [];
  const where = (node) => `${node.tagName.toLowerCase()}${node.id ? `#${node.id}` : ""}.${[...node.classList].join(".")} ${node.textContent.trim().slice(0, 40)}`;
  const visible = (node) => node.checkVisibility({ visibilityProperty: true }) && !node.closest(".visually-hidden, [aria-hidden=true]");
  const name = (node) => {
    const by = (node.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join(" ");
    const images = [...node.querySelectorAll("[aria-label]")].map((image) => image.getAttribute("aria-label")).join(" ");
    return (node.getAttribute("aria-label") ?? "") + by + node.textContent.trim() + images + (node.title ?? "");
  };
  for (const node of document.querySelectorAll("a[href], button, summary, [role=tab], dialog")) if (!name(node)) found.push(`no name: ${where(node)}`);
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!field.labels?.length && !field.getAttribute("aria-label")) found.push(`no label: ${where(field)}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  for (const id of new Set(ids.filter((id, n) => ids.indexOf(id) !== n))) found.push(`id twice: ${id}`);
  for (const node of document.querySelectorAll("[aria-controls], [aria-labelledby], [aria-describedby]")) {
    for (const attribute of ["aria-controls", "aria-labelledby", "aria-describedby"]) {
      for (const id of (node.getAttribute(attribute) ?? "").split(" ").filter(Boolean)) if (!document.getElementById(id)) found.push(`${attribute} names nothing: ${id}`);
    }
  }
  if (document.querySelectorAll("h1").length !== 1) found.push(`${document.querySelectorAll("h1").length} h1`);
  if (!document.documentElement.lang) found.push("no language");
  if (!document.querySelector("main")) found.push("no main");

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3]));
  const behind = (node) => {
    const layers = [];
    for (let at = node; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), matchMedia("(prefers-color-scheme: dark)").matches ? [0, 0, 0] : [255, 255, 255]);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || seen.has(node) || !visible(node) || node.closest("[disabled], [aria-busy=true], script, style, noscript, option")) continue;
    seen.add(node);
    const paper = behind(node);
    const ink = over(rgba(getComputedStyle(node).color), paper);
    const [a, b] = [light(ink), light(paper)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const { fontSize, fontWeight } = getComputedStyle(node);
    const large = parseFloat(fontSize) >= 24 || (parseFloat(fontSize) >= 18.66 && Number(fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`contrast ${ratio.toFixed(2)}: ${where(node)}`);
  }
  return found;
}
