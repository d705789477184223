import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildDatabase } from '../../src/vulndb/build.ts';
import type { FeedOutcome, FeedUpdate } from '../../src/vulndb/feed-update.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../../testing/vulnerability-database.ts';

/** A policy as people write them, which the images of these benches keep; `extra` are more rules, in YAML. */
export function writePolicy(folder: string, extra: string = ''): string {
  const file = join(folder, 'policy.yaml');
  writeFileSync(
    file,
    `apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  rules:
    - {name: no-critical, vulnerabilities: {severity: CRITICAL}}
    - {name: exploited, vulnerabilities: {exploited: true}}
    - {name: fixable, match: {exceptRepositories: ['sandbox/**']}, vulnerabilities: {severity: HIGH, fixable: true, grace: 7d}}
    - {name: sources, source: {deny: ['evil.example/**']}}
${extra}`,
  );
  return file;
}

/** A vulnerability database that knows some of the packages of these benches, and nothing critical. */
export async function writeDatabase(folder: string): Promise<string> {
  const path = join(folder, 'vulndb');
  const advisories = Array.from({ length: 300 }, (_, at) =>
    makeAdvisory({
      id: `DEBIAN-CVE-2026-${at}`,
      aliases: [`CVE-2026-${at}`],
      severity: 'LOW',
      affected: [makeAffected(`Debian:12 lib-${at % 200}`, ['0 9']), makeAffected(`npm pkg-1-${at}`, ['0 2.0.0'])],
    }),
  );
  // Without the list, a rule about exploited flaws decides nothing.
  const outcome = (): FeedOutcome => ({ fingerprint: 'bench', dropped: new Map() });
  const exploited: FeedUpdate = { id: 'kev', kind: 'exploited', items: [], outcome };
  await buildDatabase(path, [advisoryUpdate(advisories), exploited], { clock: () => new Date() });
  return path;
}
