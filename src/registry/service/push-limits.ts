import { heldDigests, repositoryUsage } from '../../store/metadata/usage.ts';
import type { QuotaConfig } from '../config/rules/model.ts';
import type { Content, PushLimit } from '../content/content.ts';
import { RegistryError } from '../error.ts';
import { compilePushQuotas, judgePush, type PushQuotas } from '../rule/quota.ts';

/** How many bytes uploads of a repository may hold while they are under way: as many as its quota has. */
export function uploadBytesOf(quotas: readonly QuotaConfig[]): Content['uploadBytes'] {
  const compiled = compile(quotas);
  return (repository) => compiled.applicable(repository)[0]?.quota.maxBytes;
}

function compile(quotas: readonly QuotaConfig[]): PushQuotas {
  return compilePushQuotas(quotas.map((quota, at) => ({ name: `quotas[${at}]`, ...quota })));
}

/**
 * How much may be pushed. It is asked in the transaction that records a push, with what the same transaction counts, so that two
 * pushes cannot both take the last room. Repositories without a quota cost nothing.
 */
export function pushLimitOf(quotas: readonly QuotaConfig[]): PushLimit {
  const compiled = compile(quotas);
  return async (queries, { name, repository, blobs, newTags }) => {
    // The first that is about it counts, as the configuration says.
    const [quota] = compiled.applicable(name);
    if (quota === undefined) return;
    const usage = await repositoryUsage(queries, repository);
    const held = await heldDigests(
      queries,
      repository,
      blobs.map(({ digest }) => digest),
    );
    const verdict = judgePush(
      quota,
      { ...usage, repositories: 1 },
      { blobs, tags: newTags, repositories: 0 },
      (digest) => held.has(digest),
    );
    if (verdict.allowed) return;
    const { rule, measure, used, limit, message } = verdict;
    throw new RegistryError('DENIED', message, { detail: { rule, measure, used, limit } });
  };
}
