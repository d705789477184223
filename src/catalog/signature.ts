import { createHash } from 'node:crypto';
import type { Cataloger } from './cataloger.ts';

/** Raised whenever the index's form, or what readings hold, changes. */
const formatVersion = 4;

/** Names what the catalogers would make of the same bytes: part of the key of everything cached. */
export function catalogersSignature(catalogers: readonly Cataloger[]): string {
  const parts = catalogers.map(({ id, version, maxBytes }) => `${id}@${version}/${maxBytes}`).sort();
  return createHash('sha256')
    .update(`${formatVersion}\n${parts.join('\n')}`)
    .digest('hex')
    .slice(0, 16);
}
