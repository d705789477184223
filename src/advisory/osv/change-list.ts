import { isLater } from '../time.ts';
import { feedLimits } from '../limits.ts';

/** What `modified_id.csv` says. */
export interface ChangeList {
  /** Time of the newest line; absent when the list is empty. */
  readonly newest?: string;
  /** Ids with a time not before the one asked for, newest first; undefined when they are more than the cap. */
  readonly changed?: readonly string[];
  /** True when a line breaks the format: the list then tells too little to rely on. */
  readonly malformed: boolean;
}

/**
 * Reads an ecosystem's `modified_id.csv`: lines `2024-05-20T16:03:47Z,GO-2024-2611`, newest first
 * (https://google.github.io/osv.dev/data/). Only the head is read: the list is as long as the ecosystem.
 *
 * @param since RFC 3339; ids changed at this very time are named too, since the last fetch may have come in between
 */
export function readChangeList(bytes: Uint8Array, since: string): ChangeList {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const changed: string[] = [];
  let newest: string | undefined;
  for (let at = 0; at < text.length;) {
    const found = text.indexOf(0x0a, at);
    const end = found < 0 ? text.length : found;
    const line = text.toString('latin1', at, Math.min(end, at + 1000)).trimEnd();
    at = end + 1;
    if (line === '') continue;
    const [, time, id] =
      /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,12})?Z),([A-Za-z0-9][\w.:+-]{0,199})$/.exec(line) ?? [];
    if (time === undefined || id === undefined) return { malformed: true };
    if (newest !== undefined && isLater(time, newest)) return { malformed: true };
    newest ??= time;
    if (isLater(since, time)) break;
    if (changed.length === feedLimits.changedRecords) return { newest, malformed: false };
    changed.push(id);
  }
  return { ...(newest === undefined ? {} : { newest }), changed, malformed: false };
}
