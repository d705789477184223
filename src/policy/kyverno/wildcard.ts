/**
 * Whether a whole text matches a pattern in which `*` is any run of characters, slashes, colons and nothing included, and `?` is one
 * character; nothing is escaped (Kyverno, "Wildcards"). Kyverno's own matcher takes exponential time for some patterns; this one goes
 * back to the last `*` alone, which is enough.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  // Most patterns are names or everything, and that is quick to see.
  if (pattern === '*' || pattern === text) return true;
  if (!pattern.includes('*') && !pattern.includes('?')) return false;
  const [wanted, found] = [Array.from(pattern), Array.from(text)];
  let at = 0;
  let place = 0;
  let star = -1;
  let starPlace = 0;
  while (place < found.length) {
    if (wanted[at] === '*') {
      star = at;
      starPlace = place;
      at += 1;
    } else if (at < wanted.length && (wanted[at] === '?' || wanted[at] === found[place])) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      at = star + 1;
      starPlace += 1;
      place = starPlace;
    } else return false;
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}
