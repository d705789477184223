import { z } from 'zod';

/** Most rules of a project (Harbor, "Create Tag Retention Rules"). */
const mostRules = 15;

const selector: z.ZodType<HarborSelector> = z.strictObject({
  kind: z.string(),
  decoration: z.string(),
  pattern: z.string().min(1).max(256),
  extras: z.string().max(1000).nullish(),
});

const rule: z.ZodType<HarborRule> = z.strictObject({
  id: z.int().nullish(),
  priority: z.int().nullish(),
  disabled: z.boolean().nullish(),
  action: z.string(),
  template: z.string(),
  params: z.record(z.string(), z.unknown()).nullish(),
  tag_selectors: z.array(selector).min(1).max(20),
  scope_selectors: z.record(z.string(), z.array(selector).min(1).max(20)),
});

/** A retention policy of a project, as the API gives it at `/api/v2.0/retentions/{id}` (Harbor, `RetentionPolicy`). */
export const harborPolicy: z.ZodType<HarborPolicy> = z.strictObject({
  id: z.int().nullish(),
  algorithm: z.string(),
  rules: z.array(rule).max(mostRules),
  trigger: z
    .looseObject({ kind: z.string(), settings: z.looseObject({ cron: z.string().max(200).nullish() }).nullish() })
    .nullish(),
  scope: z.strictObject({ level: z.string(), ref: z.int().nullish() }),
});

/** Rules of a project for immutable tags, as the API gives them at `/api/v2.0/projects/{name}/immutabletagrules`. */
export const harborImmutableRules: z.ZodType<readonly HarborRule[]> = z.array(rule).max(100);

/** Narrows what a rule is about. */
export interface HarborSelector {
  readonly kind: string;
  readonly decoration: string;
  readonly pattern: string;
  readonly extras?: string | null | undefined;
}

/** One rule, which retains. */
export interface HarborRule {
  readonly id?: number | null | undefined;
  readonly priority?: number | null | undefined;
  readonly disabled?: boolean | null | undefined;
  readonly action: string;
  readonly template: string;
  readonly params?: Readonly<Record<string, unknown>> | null | undefined;
  readonly tag_selectors: readonly HarborSelector[];
  readonly scope_selectors: Readonly<Record<string, readonly HarborSelector[]>>;
}

/** {@link harborPolicy}, as read. */
export interface HarborPolicy {
  readonly id?: number | null | undefined;
  readonly algorithm: string;
  readonly rules: readonly HarborRule[];
  readonly trigger?:
    | { readonly kind: string; readonly settings?: { readonly cron?: string | null | undefined } | null | undefined }
    | null
    | undefined;
  readonly scope: { readonly level: string; readonly ref?: number | null | undefined };
}
