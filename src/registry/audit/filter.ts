import { errorMessage } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import { parseDuration } from '../rule/duration.ts';
import { compilePattern, type PatternSpec } from '../../base/name-pattern.ts';
import { auditActions, auditOutcomes, type AuditEntry } from './entry.ts';
import { AuditError } from './error.ts';

/** A question about the trail, as it is typed. All parts must hold; those left out always do. */
export interface AuditQuestion {
  /** An actor's name, or `kind:name`, where `*` is any run of characters (`robot:*`). */
  readonly who?: string | undefined;
  /** A glob of repositories, with `:tag` or `@digest` behind it for one of them (`team/*:v1`). */
  readonly image?: string | undefined;
  /** Any of these actions; `deny` stands for whatever was denied. */
  readonly action?: readonly string[] | undefined;
  /** Any of these outcomes. */
  readonly outcome?: readonly string[] | undefined;
  /** Not before: a length of time back from now (`7d`), or a time (`2026-01-31`, `2026-01-31T12:00:00Z`). */
  readonly since?: string | undefined;
  /** Before this, in the same forms. */
  readonly until?: string | undefined;
}

/** Tells whether an entry is asked for. */
export interface AuditFilter {
  /** Milliseconds since 1970, for a search that can begin or end there. */
  readonly since?: number;
  readonly until?: number;
  matches(entry: AuditEntry): boolean;
}

/** Compiles a question. @throws AuditError AUDIT_FILTER_INVALID */
export function compileAuditFilter(question: AuditQuestion, now: number): AuditFilter {
  const tests: ((entry: AuditEntry) => boolean)[] = [];
  if (question.who !== undefined) tests.push(byActor(question.who));
  if (question.image !== undefined) tests.push(byImage(question.image));
  if (question.action !== undefined) tests.push(byAction(question.action));
  if (question.outcome !== undefined) tests.push(byOutcome(question.outcome));
  const since = question.since === undefined ? undefined : parseTime(question.since, 'since', now);
  const until = question.until === undefined ? undefined : parseTime(question.until, 'until', now);
  if (since !== undefined) tests.push(({ time }) => time >= since);
  if (until !== undefined) tests.push(({ time }) => time < until);
  return {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    matches: (entry) => tests.every((test) => test(entry)),
  };
}

function byActor(who: string): (entry: AuditEntry) => boolean {
  const matches = compileNameOf({ wildcard: who }, who, 'who');
  return ({ actor }) => matches(actor.name) || matches(`${actor.kind}:${actor.name}`);
}

function byImage(image: string): (entry: AuditEntry) => boolean {
  const at = image.indexOf('@');
  const named = at < 0 ? image : image.slice(0, at);
  const digest = at < 0 ? undefined : image.slice(at + 1);
  // A repository has no colon, so what follows one is a tag.
  const colon = named.indexOf(':');
  const repository = compileNameOf(colon < 0 ? named : named.slice(0, colon), image, 'image');
  const tag = colon < 0 ? undefined : compileNameOf(named.slice(colon + 1), image, 'image');
  return (entry) =>
    entry.repository !== undefined &&
    repository(entry.repository) &&
    (tag === undefined || (entry.reference !== undefined && tag(entry.reference))) &&
    (digest === undefined || entry.digest === digest || entry.reference === digest);
}

function byAction(actions: readonly string[]): (entry: AuditEntry) => boolean {
  const wanted = checkWords(actions, 'action', [...auditActions, 'deny']);
  return ({ action, outcome }) => wanted.has(action) || (outcome === 'denied' && wanted.has('deny'));
}

function byOutcome(outcomes: readonly string[]): (entry: AuditEntry) => boolean {
  const wanted = checkWords(outcomes, 'outcome', auditOutcomes);
  return ({ outcome }) => wanted.has(outcome);
}

function checkWords(given: readonly string[], part: string, known: readonly string[]): ReadonlySet<string> {
  for (const word of given) if (!known.includes(word)) throw invalid(part, word, `write one of ${known.join(', ')}`);
  return new Set(given);
}

const timeGrammar = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

function parseTime(text: string, part: string, now: number): number {
  if (timeGrammar.test(text)) {
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return time;
  }
  try {
    return now - parseDuration(text);
  } catch (cause) {
    throw invalid(part, text, 'write "7d", "2026-01-31" or "2026-01-31T12:00:00Z"', cause);
  }
}

function compileNameOf(spec: PatternSpec, text: string, part: string): (name: string) => boolean {
  try {
    const pattern = compilePattern(spec);
    return (name) => pattern.matches(name);
  } catch (cause) {
    throw invalid(part, text, errorMessage(cause), cause);
  }
}

function invalid(part: string, value: string, advice: string, cause?: unknown): AuditError {
  return new AuditError(
    'AUDIT_FILTER_INVALID',
    `"${printable(value)}" cannot be asked for as --${part}: ${advice}`,
    cause === undefined ? undefined : { cause },
  );
}
