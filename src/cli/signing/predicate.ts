import { signingLimits } from '../../signing/limits.ts';
import { parseStatement } from '../../signing/statement/parse.ts';
import { readPredicate } from '../../signing/statement/predicate.ts';
import { isPredicateName, predicateTypeOf, predicateTypes } from '../../signing/statement/predicate-type.ts';
import type { ArtifactDigest } from '../../signing/statement/statement.ts';
import { checkSubject } from '../../signing/verify/check-subject.ts';
import { ConfigError } from '../config/error.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import type { Host } from '../host.ts';
import { readInput } from './read-input.ts';

/** What is to be stated: exactly one of the four. */
export interface PredicateOptions {
  /** A file, or `-`. */
  readonly predicate?: string;
  /** A name or URI. */
  readonly type?: string;
  /** A whole statement in a file. */
  readonly statement?: string;
  /** The findings of our own scan. */
  readonly scan: boolean;
  /** Our own bill of materials, in this format. */
  readonly sbom?: string;
}

/** A predicate and its type. */
export interface Stated {
  readonly predicateType: string;
  readonly predicate: unknown;
}

/**
 * A statement that the user wrote whole; undefined where none was given.
 *
 * @throws ConfigError, VerificationError when it is about something else
 */
export async function statementIn(
  { statement: path, predicate, scan, sbom, type }: PredicateOptions,
  digests: readonly ArtifactDigest[],
  host: Host,
): Promise<{ readonly payload: Buffer; readonly predicateType: string } | undefined> {
  if (path === undefined) return undefined;
  if (predicate !== undefined || scan || sbom !== undefined || type !== undefined) {
    throw new ConfigError(
      'SETTING_INVALID',
      '--statement says everything; leave --predicate, --type, --scan and --sbom out',
    );
  }
  const payload = await readInput(path, signingLimits.attachmentBytes, '--statement', host);
  const statement = parseStatement(payload);
  checkSubject(statement, digests);
  return { payload, predicateType: statement.predicateType };
}

/**
 * What is to be stated of an image or a file.
 *
 * @param name what our own scan reads; absent where it cannot read it
 * @throws ConfigError, SigningError PREDICATE_INVALID, and what a scan throws
 */
export async function predicateFor(
  options: PredicateOptions,
  name: string | undefined,
  resolved: ResolvedSettings,
  host: Host,
): Promise<Stated> {
  const { predicate: path, type = 'custom', scan, sbom } = options;
  const ways = [path !== undefined, scan, sbom !== undefined].filter(Boolean).length;
  if (ways !== 1) {
    const message = ways === 0 ? 'Nothing says what to state' : '--predicate, --scan and --sbom each say what to state';
    throw new ConfigError('SETTING_INVALID', `${message}; give one of --predicate FILE, --scan and --sbom FORMAT`);
  }
  if (path !== undefined) {
    const predicateType = predicateTypeOf(type);
    if (predicateType === undefined) {
      const names = Object.keys(predicateTypes).join(', ');
      throw new ConfigError(
        'SETTING_INVALID',
        `"${type.slice(0, 100)}" is no type of predicate; write one of ${names}, or a URI`,
      );
    }
    const text = (await readInput(path, signingLimits.attachmentBytes, '--predicate', host)).toString('utf8');
    return { predicateType, predicate: readPredicate(isPredicateName(type) ? type : undefined, text, host.now()) };
  }
  if (options.type !== undefined) {
    throw new ConfigError('SETTING_INVALID', '--type goes with --predicate; --scan and --sbom have types of their own');
  }
  if (name === undefined)
    throw new ConfigError('SETTING_INVALID', '--scan and --sbom read images; give --predicate FILE');
  const own = await import('./own-predicate.ts');
  return scan ? own.scanPredicate(name, resolved, host) : own.sbomPredicate(name, sbom as string, resolved, host);
}
