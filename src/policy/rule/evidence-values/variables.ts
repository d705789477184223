import type { NamedStatement } from '../../model.ts';
import type { RuleInput } from '../check-rule.ts';
import { imageValue, sbomValue, subjectValue } from './image.ts';
import { knownValue, presentValue } from './known.ts';
import { lazyRecord } from './lazy.ts';
import { certainScanValue, scanValue } from './scan.ts';
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

/** How much is made of a scan that leaves something open: that it is not there, or nothing. */
export type ScanReading = 'asItIs' | 'certain' | 'certainButIncomplete';

/**
 * The variables of expressions in CEL. What is not known, or not there, throws when it is asked for.
 *
 * @param reading of the scan: `certainButIncomplete` where whoever asks looks itself at what could not be read
 */
export function evidenceVariables(
  { subject, evidence, findings }: RuleInput,
  signers: readonly string[],
  statements: Readonly<Record<string, NamedStatement>>,
  reading: ScanReading,
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
      const at = vulnerabilities?.state === 'known' ? vulnerabilities.at : 0;
      if (reading === 'asItIs') return scanValue(facts, findings(), at);
      return certainScanValue(facts, findings(), at, reading === 'certainButIncomplete');
    },
    sbom: () => sbomValue(knownValue(sbom, 'sbom') ?? []),
    signatures: () => signaturesValue(signatures, signers),
    attestations: () => lazyRecord(Object.fromEntries(named)),
  });
}
