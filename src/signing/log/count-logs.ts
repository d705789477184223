import type { LogInstance } from '../trust/trust-material.ts';

/** How many logs these are. Those that share a key or an address are one, in whichever order they come. */
export function countLogs(logs: readonly LogInstance[]): number {
  let groups: Set<string>[] = [];
  for (const { key, baseUrl } of logs) {
    const marks = [`key ${key.spki.toString('base64')}`, ...(baseUrl === '' ? [] : [`url ${addressOf(baseUrl)}`])];
    const related = groups.filter((group) => marks.some((mark) => group.has(mark)));
    groups = groups.filter((group) => !related.includes(group));
    groups.push(new Set([...marks, ...related.flatMap((group) => [...group])]));
  }
  return groups.length;
}

function addressOf(baseUrl: string): string {
  return (URL.parse(baseUrl)?.href ?? baseUrl).replace(/\/+$/, '');
}
