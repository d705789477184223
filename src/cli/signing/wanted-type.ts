import { cleanText } from '../../report/text/clean-text.ts';
import { predicateTypeOf, signPredicateType } from '../../signing/statement/predicate-type.ts';
import type { VerificationError } from '../../signing/verify/verification-error.ts';
import { ConfigError } from '../config/error.ts';
import type { Host } from '../host.ts';

/** The predicate type that `--type` stands for. @throws ConfigError SETTING_INVALID */
export function wantedType(text: string): string {
  const type = predicateTypeOf(text);
  if (type !== undefined) return type;
  throw new ConfigError('SETTING_INVALID', `"${text.slice(0, 100)}" is no type of predicate; write a name or a URI`);
}

/** Where statements were well signed and only of other types: says on stderr of which, and how to ask for one. */
export async function sayTypes(errors: readonly VerificationError[], { stderr }: Host): Promise<void> {
  const types = new Set(
    errors
      .filter(({ code }) => code === 'PREDICATE_TYPE_MISMATCH')
      // A signature in a bundle is a statement too, and nothing that is attested.
      .flatMap(({ facts: { found } }) => (found === undefined || found === signPredicateType ? [] : [found])),
  );
  if (types.size === 0) return;
  await stderr.write(`${cleanText(`  attested there: ${[...types].join(', ')}; --type names the one to verify`)}\n`);
}
