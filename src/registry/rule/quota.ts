import { printable } from '../../base/printable.ts';
import type { Digest } from '../../oci/digest.ts';
import { RuleError } from './error.ts';
import { checkRuleList, compileScope, type CompiledScope, type RuleScope } from './scope.ts';

/** How much may be pushed. A push that adds nothing to what a limit counts is never refused by it. */
export interface PushQuota extends RuleScope {
  /**
   * What is counted together: each repository by itself, or all repositories of the rule as one, as a project has it. By
   * itself when left out.
   */
  readonly per?: 'repository' | 'rule' | undefined;
  /** Bytes of all blobs and manifests, each digest once. */
  readonly maxBytes?: number | undefined;
  readonly maxTags?: number | undefined;
  /** Repositories of the rule; only where these are counted as one. */
  readonly maxRepositories?: number | undefined;
}

/** A quota that is about a repository: what the caller must measure before it can be judged. */
export interface ApplicableQuota {
  readonly quota: PushQuota;
  /** True when the usage of all repositories that the quota covers is wanted, and not that of this one. */
  readonly shared: boolean;
  /** True for each repository that belongs to it. */
  covers(repository: string): boolean;
}

/** What is there, in what a quota counts together, before the push. */
export interface QuotaUsage {
  readonly bytes: number;
  readonly tags: number;
  readonly repositories: number;
}

/** What a push would add. */
export interface PushedContent {
  /** Blobs and manifests that it brings or mounts; the same digest twice counts once. */
  readonly blobs: readonly { readonly digest: Digest; readonly size: number }[];
  /** Tags that are not there yet. */
  readonly tags: number;
  /** 1 when the repository is not there yet. */
  readonly repositories: number;
}

/** Whether a push is within a quota. */
export type QuotaVerdict =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly rule: string;
      readonly measure: 'bytes' | 'tags' | 'repositories';
      /** What is used, what the push would add, and how much may be used. */
      readonly used: number;
      readonly added: number;
      readonly limit: number;
      /** One sentence for the client. */
      readonly message: string;
    };

/** Quotas for pushes, ready to be used. */
export interface PushQuotas {
  /** Those that are about a repository, in the order of the list. */
  applicable(repository: string): readonly ApplicableQuota[];
}

/** Compiles quotas for pushes. @throws RuleError RULE_INVALID, LIMIT_EXCEEDED; PatternError */
export function compilePushQuotas(quotas: readonly PushQuota[]): PushQuotas {
  checkRuleList(quotas);
  const compiled = quotas.map((quota) => ({ quota, scope: compileQuota(quota) }));
  return {
    applicable: (repository) =>
      compiled
        .filter(({ scope }) => scope.covers(repository))
        .map(({ quota, scope }) => ({ quota, shared: quota.per === 'rule', covers: (name) => scope.covers(name) })),
  };
}

/**
 * Judges what a push adds against one quota. Pure, and to be asked in the transaction that records the push, with usage that
 * the same transaction read: two pushes may race.
 *
 * @param has Tells whether a digest is counted already in what the quota counts together.
 */
export function judgePush(
  { quota }: ApplicableQuota,
  usage: QuotaUsage,
  content: PushedContent,
  has: (digest: Digest) => boolean,
): QuotaVerdict {
  const added = { bytes: addedBytes(content.blobs, has), tags: content.tags, repositories: content.repositories };
  for (const [measure, limit] of [
    ['bytes', quota.maxBytes],
    ['tags', quota.maxTags],
    ['repositories', quota.maxRepositories],
  ] as const) {
    if (limit === undefined || added[measure] <= 0 || usage[measure] + added[measure] <= limit) continue;
    return deny(quota.name, measure, usage[measure], added[measure], limit);
  }
  return { allowed: true };
}

/** The bytes of blobs that are not there yet, each digest once. */
export function addedBytes(blobs: PushedContent['blobs'], has: (digest: Digest) => boolean): number {
  const seen = new Set<Digest>();
  let bytes = 0;
  for (const { digest, size } of blobs) {
    if (seen.has(digest) || has(digest)) continue;
    seen.add(digest);
    bytes += size;
  }
  return bytes;
}

function compileQuota(quota: PushQuota): CompiledScope {
  const limits = [quota.maxBytes, quota.maxTags, quota.maxRepositories].filter((limit) => limit !== undefined);
  const name = printable(quota.name);
  if (limits.length === 0) {
    throw new RuleError('RULE_INVALID', `Quota "${name}" limits nothing; give it maxBytes, maxTags or maxRepositories`);
  }
  for (const limit of limits) {
    if (Number.isSafeInteger(limit) && limit >= 0) continue;
    throw new RuleError('RULE_INVALID', `Quota "${name}" has the limit ${limit}; write a whole number from 0 on`);
  }
  if (quota.maxRepositories !== undefined && quota.per !== 'rule') {
    throw new RuleError(
      'RULE_INVALID',
      `Quota "${name}" counts repositories one by one; add per: rule to limit their number`,
    );
  }
  return compileScope(quota);
}

function deny(
  rule: string,
  measure: 'bytes' | 'tags' | 'repositories',
  used: number,
  added: number,
  limit: number,
): QuotaVerdict {
  const more = `${added} more ${added === 1 && measure !== 'bytes' ? (measure === 'tags' ? 'tag' : 'repository') : measure}`;
  const message = `Quota "${rule}" lets ${limit} ${measure} be used; ${used} are, and this push needs ${more}; delete what is not needed, or ask for a larger quota`;
  return { allowed: false, rule, measure, used, added, limit, message };
}
