import dns, { type LookupAddress } from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { isIP } from 'node:net';

/**
 * Resolves every name of this process to these addresses, in turn, the last one again and again, until the test ends.
 *
 * @returns the names that were asked for
 */
export function resolveTo(t: { after(act: () => void): void }, ...answers: readonly string[]): string[] {
  const asked: string[] = [];
  const { lookup } = dns;
  dns.lookup = ((name: string, options: { all?: boolean }, done: (...result: unknown[]) => void) => {
    const address = answers[Math.min(asked.length, answers.length - 1)] as string;
    asked.push(name);
    const entry: LookupAddress = { address, family: isIP(address) === 6 ? 6 : 4 };
    process.nextTick(() => (options.all === true ? done(null, [entry]) : done(null, address, entry.family)));
  }) as typeof dns.lookup;
  syncBuiltinESMExports();
  t.after(() => {
    dns.lookup = lookup;
    syncBuiltinESMExports();
  });
  return asked;
}
