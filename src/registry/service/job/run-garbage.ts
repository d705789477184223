import { collectGarbage } from '../../garbage/collect.ts';
import type { JobParts } from '../job-parts.ts';

/** Removes what nothing names any more, and tells of it. */
export async function runGarbage(
  { content, config, logger, metrics, outbox }: JobParts,
  signal: AbortSignal,
): Promise<void> {
  const { gc, uploads } = config();
  const options = { grace: gc.graceMs, uploadAge: uploads.expireAfterMs, signal, logger };
  const { lost, ...report } = await collectGarbage(content, options);
  logger.info('Garbage was collected', { ...report, lost: lost.length });
  const { removedBlobs, freedBytes } = report;
  metrics.add('gcBlobs', {}, removedBlobs);
  metrics.add('gcBytes', {}, freedBytes);
  // One that was stopped runs again, and tells of what is left then.
  signal.throwIfAborted();
  await outbox.tell({ name: 'gc.ran', data: { actor: 'registry', removedBlobs, freedBytes } });
}
