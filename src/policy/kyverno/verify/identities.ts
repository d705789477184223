import { RE2JS } from 're2js';
import { errorMessage } from '../../../base/error.ts';
import { printable } from '../../../base/printable.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { SignerIdentity, TextSpec } from '../../model.ts';
import type { KeylessAttestor } from '../document/verification/model.ts';
import { kyvernoLimits } from '../limits.ts';
import { given, isOpen, type Place, type Translation } from './translation.ts';

/** Claims by the names that cosign gives them, and the object identifiers of Fulcio (fulcio, docs/oid-info.md). */
const claims: ReadonlySet<string> = new Set([
  'oidcIssuer',
  ...['Trigger', 'Sha', 'Name', 'Repository', 'Ref'].map((name) => `githubWorkflow${name}`),
  ...[1, 2, 3, 4, 5, 6].map((number) => `1.3.6.1.4.1.57264.1.${number}`),
]);

/**
 * Who may sign with a certificate of an authority (research: Kyverno, `matchCertificateData`). Issuer and subject are patterns, regular
 * expressions match anywhere. Both of what is said of the issuer must hold, and one of what is said of the subject.
 */
export function identitiesOf(
  { issuer, issuerRegExp, subject, subjectRegExp, additionalExtensions, roots }: KeylessAttestor,
  place: Place,
  translation: Translation,
): readonly SignerIdentity[] {
  const issuers = [
    ...pattern(issuer, place('issuer'), translation),
    ...search(issuerRegExp, place('issuerRegExp'), translation),
  ];
  const subjects = [
    ...pattern(subject, place('subject'), translation),
    ...search(subjectRegExp, place('subjectRegExp'), translation),
  ];
  const more = claimsOf(additionalExtensions ?? {}, place, translation);
  const isAnybody = [...issuers, ...subjects, ...Object.values(more)].every(isAnything);
  if (isAnybody && given(roots) === undefined && !translation.style.anyIdentity) {
    const sentence =
      'takes whoever has any certificate of a public authority; write issuer and subject, or roots of your own';
    translation.mistakes.push({ path: place(), sentence });
  }
  const [only] = issuers;
  const vouched = only === undefined ? {} : { issuer: issuers.length === 1 ? only : { all: issuers } };
  const base: SignerIdentity = { ...vouched, ...(Object.keys(more).length === 0 ? {} : { claims: more }) };
  return subjects.length === 0 ? [base] : subjects.map((each) => ({ ...base, subject: each }));
}

function claimsOf(
  extensions: Readonly<Record<string, string>>,
  place: Place,
  translation: Translation,
): Readonly<Record<string, TextSpec>> {
  const found = Object.entries(extensions).flatMap(([name, value]) => {
    const path = place('additionalExtensions', name);
    if (!claims.has(name) && !isOpen(name, translation, path)) {
      translation.mistakes.push({ path, sentence: `is none of the extensions ${[...claims].slice(0, 6).join(', ')}` });
    }
    // An empty one must be empty there, as in Kyverno.
    return value === ''
      ? [[name, { exact: '' }] as const]
      : pattern(value, path, translation).map((spec) => [name, spec] as const);
  });
  return Object.fromEntries(found);
}

function pattern(text: string | undefined, path: ConfigPath, translation: Translation): readonly TextSpec[] {
  const glob = given(text);
  if (glob === undefined) return [];
  if (glob.length > kyvernoLimits.pattern) {
    translation.mistakes.push({ path, sentence: `has more than ${kyvernoLimits.pattern} characters` });
  }
  if (isOpen(glob, translation, path)) return [{ exact: glob }];
  return [/[*?]/.test(glob) ? { glob } : { exact: glob }];
}

function search(text: string | undefined, path: ConfigPath, translation: Translation): readonly TextSpec[] {
  const expression = given(text);
  if (expression === undefined) return [];
  if (expression.length > kyvernoLimits.regex) {
    translation.mistakes.push({ path, sentence: `has more than ${kyvernoLimits.regex} characters` });
  } else if (!isOpen(expression, translation, path)) {
    try {
      RE2JS.compile(expression);
    } catch (error) {
      const sentence = `is no regular expression: ${printable(errorMessage(error), 200)}`;
      translation.mistakes.push({ path, sentence });
    }
  }
  return [{ search: expression }];
}

/** Whether each text matches: `*`, `.*`. */
function isAnything(spec: TextSpec): boolean {
  if ('glob' in spec) return /^\*+$/.test(spec.glob);
  return 'search' in spec && /^\^?(?:\(?\.[*+]\)?)?\$?$/.test(spec.search);
}
