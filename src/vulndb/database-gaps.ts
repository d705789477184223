import { type DatabaseGaps, gapsOf } from '../finding/database-gaps.ts';
import { lackingLists } from './lacking-lists.ts';
import type { Manifest } from './manifest.ts';
import { wholeAt } from './whole-at.ts';

/** What a database does not know, by its manifest. */
export function databaseGaps(manifest: Manifest): DatabaseGaps {
  const whole = wholeAt(manifest);
  const isStale = whole < Date.parse(manifest.builtAt);
  return gapsOf({ lacking: lackingLists(manifest), ...(isStale ? { databaseWholeAt: whole } : {}) });
}
