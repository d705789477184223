/** Compares two texts by their code points, as Go and JMESPath do; JavaScript's own order is by code units. */
export function compareCodePoints(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  if (at === left.length || at === right.length) return left.length - right.length;
  return rank(left.charCodeAt(at)) - rank(right.charCodeAt(at));
}

/** Halves of pairs stand for what is above all other code units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x1_0000 : unit;
}
