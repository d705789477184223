import { compileImmutableRules } from '../../rule/immutable/compile.ts';
import { compileRetentionRules } from '../../rule/retention/rules/compile.ts';
import type { JobParts } from '../job-parts.ts';

/** Fetches images of upstreams before anybody asks for them. */
export async function runUpstreamPrefetch({ upstreams, logger }: JobParts, signal: AbortSignal): Promise<void> {
  const report = await upstreams?.prefetch(signal);
  if (report !== undefined) logger.info('Images were fetched beforehand', { ...report });
}

/** Takes images of upstreams that nobody used for long. */
export async function runUpstreamEviction({ upstreams, config, logger }: JobParts, signal: AbortSignal): Promise<void> {
  const { retention, tags } = config();
  const rules = {
    retention: compileRetentionRules(retention.rules),
    immutable: compileImmutableRules(tags.immutable),
  };
  const report = await upstreams?.evict(rules, signal);
  if (report !== undefined) logger.info('Images of upstreams were evicted', { ...report });
}
