/**
 * A process that serves a cache before an upstream, for tests that kill it: `node cache-child.ts URL FOLDER AHEAD` writes where it listens.
 */
import { impatientClock, startOwnCache } from './own-cache.ts';

const [url = '', folder = '', ahead = '0'] = process.argv.slice(2);
const clock = impatientClock();
// Leases of a process that was killed are over.
clock.ahead = Number(ahead);
const cache = await startOwnCache({ url, folder, clock });
process.stdout.write(`${cache.own.url}\n`);
