import type { Finding } from '../../../codec/yaml/mistake.ts';
import type { CelExpression } from '../../../lang/cel/compile.ts';
import { LangError } from '../../../lang/error.ts';
import { formatKyvernoImage, parseKyvernoImage } from '../../kyverno/image-name.ts';
import { matchesWildcard } from '../../kyverno/wildcard.ts';
import type { CelPolicyException } from '../document/policy-exception/model.ts';
import { matchVariables, type PolicyExpressions } from '../expression/policy-expressions.ts';
import type { KyvernoImageSettings } from '../settings.ts';

/** An exception from a policy, ready to be asked. */
export interface CompiledException {
  readonly id: string;
  /** All of these must be true of the object. */
  readonly conditions: readonly CelExpression[];
  /** Milliseconds since 1970 from which on there is none; undefined for never. */
  readonly until: number | undefined;
  /** Whether it is about an image, as it is written in the object; undefined where it is about the object as a whole. */
  readonly image: ((name: string) => boolean) | undefined;
  /** What it says to the policy's own expressions. */
  readonly allowedImages: readonly string[];
  readonly allowedValues: readonly string[];
  /** Whether what it excepts is told as passed, and not as skipped. */
  readonly passes: boolean;
}

/** What is wrong with an exception, whatever policy it is from. */
export function checkException(
  { metadata, spec }: CelPolicyException,
  { exceptionNamespace }: KyvernoImageSettings,
): readonly Finding[] {
  const found: Finding[] = [];
  if (exceptionNamespace === undefined || metadata.namespace !== exceptionNamespace) {
    const where = exceptionNamespace === undefined ? 'none do' : `those of namespace ${exceptionNamespace} alone do`;
    found.push({ path: ['metadata', 'namespace'], sentence: `is of an exception that does not count: ${where}` });
  }
  if (spec.expiresAt !== undefined && Number.isNaN(timeOf(spec.expiresAt))) {
    found.push({ path: ['spec', 'expiresAt'], sentence: 'is no time of RFC 3339, such as 2027-01-31T00:00:00Z' });
  }
  if (spec.evaluationMode !== undefined && spec.evaluationMode !== 'Kubernetes') {
    found.push({ path: ['spec', 'evaluationMode'], sentence: 'is not supported; there is Kubernetes' });
  }
  return found;
}

/** Compiles an exception for a policy's expressions. @throws LangError for a condition that cannot be read */
export function compileException(
  { metadata, spec }: CelPolicyException,
  expressions: PolicyExpressions,
  { naming }: KyvernoImageSettings,
): CompiledException {
  const { matchConditions = [], images = [], allowedValues = [], expiresAt, reportResult } = spec;
  const isIn = (written: string): boolean => {
    const image = parseKyvernoImage(written, naming);
    const names = image === undefined ? [written] : [written, formatKyvernoImage(image)];
    return images.some((pattern) => names.some((name) => matchesWildcard(pattern, name)));
  };
  // Values alone are for the policy's own expressions to heed.
  const image = images.length > 0 ? isIn : allowedValues.length > 0 ? () => false : undefined;
  return {
    id: `${metadata.namespace ?? ''}/${metadata.name}`,
    conditions: matchConditions.map(({ name, expression }) => {
      try {
        return expressions.compile(expression, matchVariables);
      } catch (error) {
        if (!(error instanceof LangError)) throw error;
        throw new LangError(error.code, `Condition "${name}": ${error.message}`, { cause: error });
      }
    }),
    until: expiresAt === undefined ? undefined : timeOf(expiresAt),
    image,
    allowedImages: images,
    allowedValues,
    passes: reportResult === 'pass',
  };
}

function timeOf(text: string): number {
  return /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
}
