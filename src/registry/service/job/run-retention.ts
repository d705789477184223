import { entryOfSystem } from '../../audit/entry-of.ts';
import type { Journal } from '../../content/content.ts';
import { carryOut, planAll } from '../../retention/run-retention.ts';
import { compileImmutableRules } from '../../rule/immutable/compile.ts';
import { compileRetentionRules } from '../../rule/retention/rules/compile.ts';
import type { JobParts } from '../job-parts.ts';

/** Applies the rules about age and number, writes down what they took, and tells of it. */
export async function runRetention(parts: JobParts, signal: AbortSignal): Promise<void> {
  const { content, config, trail, logger, metrics, outbox } = parts;
  const { retention, tags } = config();
  const policy = compileRetentionRules(retention.rules);
  const immutable = compileImmutableRules(tags.immutable);
  const total = { tags: 0, manifests: 0, bytes: 0 };
  const journal: Journal = async (queries, event) => {
    await trail.record(queries, entryOfSystem('retention', event, content.now()));
    await outbox.record(queries, event, 'registry');
  };
  for await (const plan of planAll(content, { policy, immutable, signal })) {
    const done = await carryOut(content, plan, journal);
    outbox.release();
    total.tags += done.tags;
    total.manifests += done.manifests;
    total.bytes += done.bytes;
    metrics.add('retentionDeletes', { what: 'tag' }, done.tags);
    metrics.add('retentionDeletes', { what: 'manifest' }, done.manifests);
  }
  logger.info('Retention was carried out', total);
  const { tags: deletedTags, manifests: deletedManifests } = total;
  await outbox.tell({ name: 'retention.ran', data: { actor: 'registry', deletedTags, deletedManifests } });
}
