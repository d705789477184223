import type { SqlDatabase } from '../../store/sql/database.ts';
import { wholeTrail } from './read-trail.ts';
import { type ChainVerdict, type KnownHeads, verifyChains } from './verify.ts';

/** How often a trail is gone through that seems broken. */
const looks = 3;

/**
 * Verifies the trail of a database that may be in use. Old entries may be let go while it is gone through, which then looks as if
 * some were missing; what is really missing is missing each time.
 */
export async function verifyTrail(database: SqlDatabase, known: KnownHeads = {}): Promise<ChainVerdict> {
  for (let look = 1; ; look += 1) {
    const verdict = await verifyChains(wholeTrail(database), known);
    if (verdict.whole || look === looks) return verdict;
  }
}
