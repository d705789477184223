/**
 * The name of a shard for people: `debian-12`, `alpine-v3.19`, `npm`.
 *
 * @param taken keys in use, to which the new one is added: two releases that differ only in punctuation get numbers
 */
export function shardKey(ecosystem: string, release: string, taken: Set<string>): string {
  const text = release === '' ? ecosystem : `${ecosystem}-${release}`;
  const base = text.toLowerCase().replaceAll(/[^a-z0-9.]+/g, '-');
  let key = base;
  for (let number = 2; taken.has(key); number += 1) key = `${base}-${number}`;
  taken.add(key);
  return key;
}
