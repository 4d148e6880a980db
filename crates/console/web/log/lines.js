// Links to lines.

/** `#L12` or `#L12-L20` as [12, 20]. */
export function linesOf(hash) {
  const match = /^#L(\d+)(?:-L?(\d+))?$/.exec(hash);
  if (!match) return null;
  const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
  return from > 0 && to > 0 ? [Math.min(from, to), Math.max(from, to)] : null;
}
