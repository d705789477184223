import type { ImmutableRule } from '../../immutable/model.ts';
import type { RetentionRule } from '../rules/model.ts';

/** What the owner of imported rules should read. */
export interface ImportNote {
  /** Whether something is left out, rather than done in another way. */
  readonly lost: boolean;
  /** The place in the other registry's document, such as `$.rules[0]`. */
  readonly path: string;
  /** Goes on with the sentence that the place begins. */
  readonly why: string;
}

/** Rules of another registry as settings of this one. */
export interface ImportedSettings {
  readonly immutable: readonly ImmutableRule[];
  readonly retention: readonly RetentionRule[];
  /** When the other registry applied them: five fields of cron. */
  readonly schedule?: string;
  readonly notes: readonly ImportNote[];
}

/** What a pattern of another registry is as a glob of tags; undefined when it can match no tag. */
export function tagGlob(pattern: string): string | undefined {
  const glob = pattern.replaceAll(/\*+/g, '*');
  return /^[A-Za-z0-9_*][A-Za-z0-9_.*-]{0,127}$/.test(glob) ? glob : undefined;
}
