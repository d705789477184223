import type { JobData, JobQueue } from '../../../store/job/job-queue.ts';
import type { Finding } from '../../scrub/finding.ts';
import { scrubLimits } from '../../scrub/limits.ts';
import { isOfUpstream } from '../../upstream/names.ts';
import { scrubRegistry } from '../../scrub/scrub.ts';
import type { JobParts } from '../job-parts.ts';

/** Milliseconds after which a scrub is divided: what was read by then need not be read again after a restart. */
const longest = 4 * 3_600_000;

/**
 * Compares records and bytes. Nothing is repaired: what is wrong is logged and counted, for somebody to look at. Reading
 * everything may take days; then a further job goes on where this one ends.
 */
export async function runScrub(
  parts: JobParts,
  queue: Pick<JobQueue, 'add'>,
  data: JobData,
  signal: AbortSignal,
): Promise<void> {
  const { content, config, logger, metrics } = parts;
  const { bytesPerSecond } = config().scrub;
  const over = new AbortController();
  const pause = new AbortController();
  const timer = content.wait(longest, over.signal).then(
    () => pause.abort(),
    () => undefined,
  );
  const after = typeof data['after'] === 'string' ? data['after'] : '';
  const { findings, ...report } = await scrubRegistry(content, {
    after,
    bytesPerSecond,
    isSparse: (repository) => isOfUpstream(repository, config().upstreams.registries),
    signal: AbortSignal.any([signal, pause.signal]),
    logger,
    onFinding: teller(parts),
  }).finally(() => over.abort());
  await timer;
  metrics.add('scrubbedBytes', {}, report.readBytes);
  signal.throwIfAborted();
  logger.info('Content was scrubbed', { ...report, findings: findings.length });
  if (report.finished) return;
  if (report.lastBlob === after) logger.error('Content could not be scrubbed: its records alone take too long');
  else await queue.add('scrub', { after: report.lastBlob }, { key: `after ${report.lastBlob}` });
}

/** Counts each finding, and logs the first of them: a disk that lost everything is told of in some lines. */
function teller({ logger, metrics }: JobParts): (finding: Finding) => void {
  let told = 0;
  return (finding) => {
    metrics.add('scrubFindings', { kind: finding.kind });
    told += 1;
    if (told <= scrubLimits.findings) logger.warn('Something is wrong with what is stored', { ...finding });
  };
}
