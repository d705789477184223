import { z } from 'zod';
import { patternLimits } from '../../../base/name-pattern.ts';
import { ruleLimits } from '../../rule/limits.ts';
import type { ImmutableRule } from '../../rule/immutable/model.ts';
import type { RetentionRule } from '../../rule/retention/rules/model.ts';
import {
  count,
  cron,
  duration,
  flag,
  listOf,
  repositoryPattern,
  ruleDuration,
  size,
  tagPattern,
  text,
  word,
} from '../value/schema.ts';
import { auditLimits } from '../../audit/limits.ts';
import type { AuditConfig, GcConfig, QuotaConfig, RetentionConfig, ScrubConfig } from './model.ts';
import { retentionKinds, whyNoRule } from './retention-kind.ts';

const day = 86_400_000;
const century = 36_525 * day;

const repositories = listOf(repositoryPattern, 1, patternLimits.patterns);

const ruleName = text(
  'name',
  /^[\p{L}\p{N}][\p{L}\p{N} ._:/-]{0,99}$/u,
  'up to 100 letters, digits, blanks and . _ : / -',
);

/** What all rules have; without `repositories` they are about all. */
const scope = {
  name: ruleName.describe('name that decisions, events and audit entries tell; each has its own'),
  repositories: repositories.exactOptional().describe('patterns of repositories (default: all)'),
  exceptRepositories: repositories.exactOptional().describe('patterns of repositories that it is not about'),
};

const tags = listOf(tagPattern, 1, patternLimits.patterns);

const immutableRule: z.ZodType<ImmutableRule> = z.strictObject({
  ...scope,
  tags: tags.exactOptional().describe('patterns of tags that stay where they are (default: all)'),
  except: tags.exactOptional().describe('patterns of tags that move all the same'),
  until: ruleDuration.exactOptional().describe('how long after its push a tag is immutable (default: for ever)'),
});

/** Rules about tags. */
export const tagsSchema: z.ZodType<{ readonly immutable: readonly ImmutableRule[] }> = z
  .strictObject({
    immutable: listOf(immutableRule, 0, ruleLimits.rules).prefault([]).describe('rules for tags that never move'),
  })
  .prefault({});

const retentionRule: z.ZodType<RetentionRule> = z
  .strictObject({
    kind: word(retentionKinds).describe(
      '`keep`, `delete`, `delete-untagged` or `quota`; what one keeps, no other takes',
    ),
    ...scope,
    tags: tags.exactOptional().describe('`keep`, `delete`: patterns of tags that it is about (default: all)'),
    except: tags.exactOptional().describe('`keep`, `delete`: patterns of tags that it is not about'),
    newest: count(1, 1_000_000).exactOptional().describe('`keep`: the newest so many'),
    pushedWithin: ruleDuration.exactOptional().describe('`keep`: pushed within this time'),
    pulledWithin: ruleDuration.exactOptional().describe('`keep`: pulled, or else pushed, within this time'),
    olderThan: ruleDuration.exactOptional().describe('`delete`, `delete-untagged`: pushed longer ago'),
    notPulledFor: ruleDuration
      .exactOptional()
      .describe('`delete`, `delete-untagged`: not pulled, nor pushed, for so long'),
    beyondNewest: count(0, 1_000_000).exactOptional().describe('`delete`: not among the newest so many'),
    orderBy: word(['push', 'pull', 'semver'])
      .exactOptional()
      .describe('what is newer: by `push` (default), `pull`, or `semver`'),
    maxTags: count(0, 100_000_000).exactOptional().describe('`quota`: tags that stay; the oldest others go'),
    maxBytes: size(0, Number.MAX_SAFE_INTEGER).exactOptional().describe('`quota`: bytes that stay'),
  })
  .transform((given, context): RetentionRule => {
    const wrong = whyNoRule(given);
    if (wrong !== undefined) context.addIssue(wrong);
    // That only members of its kind are there was checked above.
    return given as RetentionRule;
  });

/** {@link RetentionConfig}. */
export const retentionSchema: z.ZodType<RetentionConfig> = z
  .strictObject({
    schedule: cron.prefault('30 3 * * *').describe('when rules are applied: five fields of cron, in UTC'),
    rules: listOf(retentionRule, 0, ruleLimits.rules).prefault([]).describe('what goes; what no rule takes stays'),
  })
  .prefault({});

const quotaRule: z.ZodType<QuotaConfig> = z
  .strictObject({
    repositories: repositories.describe('patterns of repositories'),
    maxBytes: size(0, Number.MAX_SAFE_INTEGER).exactOptional().describe('bytes that each of them may hold'),
    maxTags: count(0, 100_000_000).exactOptional().describe('tags that each of them may have'),
  })
  .refine(({ maxBytes, maxTags }) => maxBytes !== undefined || maxTags !== undefined, {
    error: 'limits nothing; add maxBytes or maxTags',
  });

/** {@link QuotaConfig}s; of several that match, the first counts. */
export const quotasSchema: z.ZodType<readonly QuotaConfig[]> = listOf(quotaRule)
  .prefault([])
  .describe('how much a repository may hold; of several that match, the first counts');

/** {@link GcConfig}. */
export const gcSchema: z.ZodType<GcConfig> = z
  .strictObject({
    enabled: flag.prefault('true').describe('whether bytes that nothing names are removed'),
    schedule: cron.prefault('0 * * * *').describe('when that is done: five fields of cron, in UTC'),
    grace: duration(60_000, 365 * day)
      .prefault('24h')
      .describe('how long such bytes stay, for clients that need them'),
  })
  .transform(({ grace, ...rest }) => ({ ...rest, graceMs: grace }))
  .prefault({});

/** {@link ScrubConfig}. */
export const scrubSchema: z.ZodType<ScrubConfig> = z
  .strictObject({
    enabled: flag.prefault('true').describe('whether what is stored is read through for damage'),
    schedule: cron.prefault('0 5 * * 0').describe('when that is done: five fields of cron, in UTC'),
    bytesPerSecond: size(65_536, 2 ** 40)
      .prefault('32MiB')
      .describe('how much is read each second'),
  })
  .prefault({});

/** {@link AuditConfig}. */
export const auditSchema: z.ZodType<AuditConfig> = z
  .strictObject({
    pulls: flag.prefault('true').describe('whether pulls are written down too'),
    keepFor: duration(auditLimits.leastKept, century)
      .exactOptional()
      .describe('how long entries are kept (default: for ever)'),
  })
  .transform(({ pulls, keepFor }) => ({ pulls, ...(keepFor === undefined ? {} : { keepForMs: keepFor }) }))
  .prefault({});
