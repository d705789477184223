import { createHash } from 'node:crypto';
import { parseLicenseExpression } from '../license-expression.ts';
import { idWord } from '../package-id.ts';

/** What a document says for licences that are not on the SPDX list (SPDX 2.3 §10). */
export interface ExtractedLicense {
  readonly licenseId: string;
  readonly extractedText: string;
  readonly name: string;
}

/** `NOASSERTION` where nothing is known, `NONE` where it is known that there is nothing (SPDX 2.3 §7.15). */
const nothingSaid: ReadonlySet<string> = new Set(['', 'NOASSERTION', 'NONE']);

/**
 * One expression for all statements of a package; what is no expression becomes a `LicenseRef-…`, explained in `extracted`.
 */
export function encodeLicenses(statements: readonly string[], extracted: Map<string, ExtractedLicense>): string {
  const terms = statements
    .filter((statement) => !nothingSaid.has(statement.trim()))
    .map((statement) => {
      const expression = parseLicenseExpression(statement);
      if (expression === undefined) return referenceTo(statement, extracted);
      for (const licenseId of expression.references) {
        if (!extracted.has(licenseId))
          extracted.set(licenseId, { licenseId, extractedText: licenseId, name: licenseId });
      }
      return expression.kind === 'compound' && statements.length > 1 ? `(${expression.text})` : expression.text;
    });
  return terms.length === 0 ? 'NOASSERTION' : [...new Set(terms)].join(' AND ');
}

/** The statements that a reader takes from `licenseDeclared`: a lone reference is replaced by what it stands for. */
export function decodeLicenses(
  declared: string | undefined,
  texts: { get(licenseId: string): string | undefined },
): string[] {
  if (declared === undefined || nothingSaid.has(declared)) return [];
  return [texts.get(declared) ?? declared];
}

function referenceTo(statement: string, extracted: Map<string, ExtractedLicense>): string {
  const word = idWord(statement);
  const hash = createHash('sha256').update(statement).digest('hex').slice(0, 16);
  // The word alone would be shared by statements that differ in what it leaves out.
  const licenseId = `LicenseRef-${word === statement ? word : [word, hash].filter((part) => part !== '').join('-')}`;
  const name = statement.trim().split('\n', 1)[0] as string;
  // A package may also name such a reference itself; what was explained first stays, since it may have been relied on.
  if (!extracted.has(licenseId)) {
    extracted.set(licenseId, { licenseId, extractedText: statement, name: name.slice(0, 200) });
  }
  return licenseId;
}
