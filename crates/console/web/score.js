// Ranking for the command palette.

/** How well `text` answers `query`: its letters in order, better when they stand together or begin words; null when not. */
export function score(query, text) {
  const needle = query.toLowerCase().replace(/\s+/g, "");
  const hay = text.toLowerCase();
  if (!needle) return 0;
  let at = -1;
  let points = 0;
  for (const letter of needle) {
    const next = hay.indexOf(letter, at + 1);
    if (next < 0) return null;
    if (next === at + 1) points += 3;
    if (next === 0 || /[^a-z0-9]/.test(hay[next - 1])) points += 2;
    at = next;
  }
  // Letters strewn over a long text answer nothing.
  return points < needle.length * 1.5 ? null : points - hay.length / 50;
}
