import { gapsOf } from '../../finding/database-gaps.ts';
import type { FindingFacts } from '../../policy/evidence.ts';
import { unscannableFacts, vulnerabilityFacts } from '../../scan/vulnerability-facts.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { offerManifest } from '../../store/metadata/scan-offers.ts';
import { permanentFailures } from '../../scan/process/error.ts';
import type { ScanEvidence } from '../scanning/evidence.ts';
import type { ScanQueue, ScanStatus } from '../scanning/scan-queue.ts';
import type { ImageScans, ScanFacts } from './model.ts';

/** The scans of this registry, as the gate looks at them. */
export function scansOf(
  queue: Pick<ScanQueue, 'find' | 'request' | 'wait' | 'postpone'>,
  database: SqlDatabase,
  now: () => number,
  prepare: () => void = () => undefined,
): ImageScans {
  return {
    prepare,
    find: async (digest) => factsOf(await queue.find(digest)),
    async revision(digest) {
      const found = await queue.find(digest);
      return found.kind === 'known' ? revisionOf(found.evidence) : undefined;
    },
    async request({ repository, digest, offered }) {
      if (offered !== undefined) {
        const offer = { digest, repository, ...offered };
        await database.transaction((queries) => offerManifest(queries, offer, now()), { durable: false });
      }
      await queue.request(digest, repository, 'client');
    },
    // The scan finds out as well, when it has a process.
    stalled: (digest) => queue.postpone(digest).catch(() => undefined),
    async settled(digest, signal) {
      await queue.wait(digest, signal);
    },
  };
}

/** Without scans nothing is known of any image, which is not the same as that nothing is wrong with it. */
export const noScans: ImageScans = {
  find: () => Promise.resolve({ state: 'unavailable', reason: 'this registry does not scan; set scanning.enabled' }),
  revision: () => Promise.resolve(undefined),
  prepare: () => undefined,
  request: () => Promise.resolve(),
  stalled: () => Promise.resolve(),
  settled: () => Promise.resolve(),
};

function factsOf(status: ScanStatus): ScanFacts {
  switch (status.kind) {
    case 'known':
      return factsOfEvidence(status.evidence);
    case 'failed': {
      const { code, message, at } = status;
      if (!permanentFailures.has(code)) return { state: 'unavailable', reason: message.replace(/\.$/, '') };
      return { state: 'known', facts: unscannableFacts(code, message), at, revision: `${code} ${at}` };
    }
    default:
      return { state: status.kind };
  }
}

function factsOfEvidence(evidence: ScanEvidence): ScanFacts {
  const { findings, problems, isIncomplete, distro, databaseBuiltAt, judgedAt, scannedAt } = evidence;
  if (findings === null) {
    return { state: 'unavailable', reason: 'there is no vulnerability database to look findings up in' };
  }
  const facts = vulnerabilityFacts({
    findings: findings satisfies readonly FindingFacts[],
    problems,
    isIncomplete,
    ...(databaseBuiltAt === undefined ? {} : { databaseBuiltAt }),
    ...gapsOf(evidence),
    ...(distro === undefined ? {} : { distro }),
  });
  return { state: 'known', facts, at: judgedAt ?? scannedAt, revision: revisionOf(evidence) };
}

function revisionOf({ scannedAt, judgedAt, databaseBuiltAt }: ScanEvidence): string {
  return `${scannedAt} ${judgedAt ?? ''} ${databaseBuiltAt ?? ''}`;
}
