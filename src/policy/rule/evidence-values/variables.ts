import type { NamedStatement } from '../../model.ts';
import type { RuleInput } from '../check-rule.ts';
import { imageValue, sbomValue, subjectValue } from './image.ts';
import { knownValue, presentValue } from './known.ts';
import { lazyRecord } from './lazy.ts';
import { scanValue } from './scan.ts';
import { signaturesValue } from './signatures.ts';
import { namedStatements, statementValues } from './statements.ts';

/** What expressions may use besides `now`. */
export const expressionVariables: readonly string[] = [
  'subject',
  'image',
  'vulnerabilities',
  'sbom',
  'signatures',
  'attestations',
];

/** The variables of expressions in CEL. What is not known, or not there, throws when it is asked for. */
export function evidenceVariables(
  { subject, evidence, findings }: RuleInput,
  signers: readonly string[],
  statements: Readonly<Record<string, NamedStatement>>,
): Readonly<Record<string, unknown>> {
  const { image, vulnerabilities, sbom, signatures, attestations } = evidence;
  const named = Object.entries(statements).map(
    ([name, each]) => [name, () => statementValues(namedStatements(each, attestations))] as const,
  );
  return lazyRecord({
    subject: () => subjectValue(subject),
    image: () => imageValue(presentValue(image, 'image', 'config')),
    vulnerabilities: () => {
      const facts = presentValue(vulnerabilities, 'vulnerabilities', 'scan report');
      return scanValue(facts, findings(), vulnerabilities?.state === 'known' ? vulnerabilities.at : 0);
    },
    sbom: () => sbomValue(knownValue(sbom, 'sbom') ?? []),
    signatures: () => signaturesValue(signatures, signers),
    attestations: () => lazyRecord(Object.fromEntries(named)),
  });
}
