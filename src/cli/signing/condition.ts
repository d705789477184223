import { extname } from 'node:path';
import { LangError } from '../../lang/error.ts';
import { VerificationError } from '../../signing/verify/verification-error.ts';
import type { VerifiedStatement } from '../../signing/verify/verify-statement.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';
import { readInput } from './read-input.ts';

const maxBytes = 1_048_576;

/** What conditions may speak of. */
const variables = ['predicate', 'predicateType', 'subject', 'statement'];

/**
 * Reads the conditions that `--policy` names: files in CEL, each of which must be true of a statement.
 *
 * @throws ConfigError SETTING_INVALID
 */
export async function conditionOf(
  paths: readonly string[],
  host: Host,
): Promise<((statement: VerifiedStatement) => void) | undefined> {
  if (paths.length === 0) return undefined;
  const { compileCel } = await import('../../lang/cel/compile.ts');
  const conditions = await Promise.all(
    paths.map(async (path) => {
      if (extname(path) !== '.cel') {
        throw new ConfigError(
          'SETTING_INVALID',
          `${path} is no condition in CEL; name a file that ends in .cel with --policy`,
        );
      }
      const text = (await readInput(path, maxBytes, '--policy', host)).toString('utf8');
      try {
        return { path, holds: compileCel(text, variables) };
      } catch (cause) {
        if (!(cause instanceof LangError)) throw cause;
        throw new ConfigError('SETTING_INVALID', `${path}: ${cause.message}`, { cause });
      }
    }),
  );
  return (verified) => {
    const { statement } = verified;
    const values = {
      predicate: statement.predicate,
      predicateType: statement.predicateType,
      subject: statement.subjects.map(({ name, digests }) => ({
        name: name ?? '',
        digest: Object.fromEntries(digests),
      })),
      statement: { predicateType: statement.predicateType, predicate: statement.predicate },
    };
    for (const { path, holds } of conditions) {
      let answer: boolean;
      try {
        answer = holds(values);
      } catch (cause) {
        if (!(cause instanceof LangError)) throw cause;
        throw unmet(path, cause.message, cause);
      }
      if (!answer) throw unmet(path, 'it is false');
    }
  };
}

function unmet(path: string, why: string, cause?: unknown): VerificationError {
  const facts = { check: 'condition', found: why, wanted: `the condition in ${path} to be true` } as const;
  const message = `The statement does not meet the condition in ${path}`;
  return new VerificationError('CONDITION_UNMET', message, facts, cause === undefined ? undefined : { cause });
}
