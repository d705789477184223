import { compareTexts } from './text.ts';

const piece = /\d+|[a-z]+|\.|-|[^\da-z.-]+/g;
const endMark = '*final';
const dashMark = '*final-';

/** Words that the old order takes for others: `pre` and `rc` sort as `c`, `dev` below every letter. */
const spellings: ReadonlyMap<string, string> = new Map([
  ['pre', 'c'],
  ['preview', 'c'],
  ['rc', 'c'],
  ['-', 'final-'],
  ['dev', '@'],
]);

/** Pieces that order as text: numbers padded to 8 digits, everything else behind a star, which is below digits. */
function keyOf(text: string): readonly string[] {
  const key: string[] = [];
  const pieces = (text.toLowerCase().match(piece) ?? []).filter((found) => found !== '.');
  for (const found of [...pieces, 'final']) {
    const isNumber = /^\d/.test(found);
    const part = isNumber ? found.padStart(8, '0') : `*${spellings.get(found) ?? found}`;
    if (!isNumber) {
      // A dash before a pre-release does not make it a later release, and zeros before a word do not count.
      if (part < endMark) dropTrailing(key, dashMark);
      dropTrailing(key, '00000000');
    }
    key.push(part);
  }
  return key;
}

function dropTrailing(key: string[], part: string): void {
  while (key.at(-1) === part) key.pop();
}

/**
 * Orders two texts from before PEP 440 as setuptools did, for lists that hold such old versions. The rule is kept for them
 * alone: none of these texts is valid today, and all are below every valid version.
 */
export function compareLegacy(a: string, b: string): number {
  const aKey = keyOf(a);
  const bKey = keyOf(b);
  const length = Math.min(aKey.length, bKey.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareTexts(aKey[index] as string, bKey[index] as string);
    if (order !== 0) return order;
  }
  return aKey.length - bKey.length;
}
