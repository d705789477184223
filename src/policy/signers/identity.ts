import { RE2JS } from 're2js';
import { errorMessage } from '../../base/error.ts';
import { printable } from '../../base/printable.ts';
import type { ConfigPath, Finding } from '../../codec/yaml/mistake.ts';
import { policyLimits } from '../limits.ts';
import type { SignerIdentity, TextSpec } from '../model.ts';

/** Who may sign, as cosign's policies have it: texts that must be the same, and expressions that match anywhere (sigstore, `Identity`). */
export interface WrittenIdentity {
  readonly issuer?: string;
  readonly issuerRegExp?: string;
  readonly subject?: string;
  readonly subjectRegExp?: string;
}

/** The identity, with what is wrong with it. What is empty is not there. @param path of the identity in its document */
export function identityOf(
  { issuer, issuerRegExp, subject, subjectRegExp }: WrittenIdentity,
  path: ConfigPath,
): { readonly identity: SignerIdentity; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const read = (name: string, exact = '', search = ''): TextSpec | undefined => {
    if (search === '') return exact === '' ? undefined : { exact };
    const expression = `${name}RegExp`;
    if (exact !== '') findings.push({ path: [...path, name], sentence: `stands beside ${expression}; keep one` });
    const why = regexMistake(search);
    if (why !== undefined) findings.push({ path: [...path, expression], sentence: why });
    return { search };
  };
  const by = read('issuer', issuer, issuerRegExp);
  const who = read('subject', subject, subjectRegExp);
  return {
    identity: { ...(by === undefined ? {} : { issuer: by }), ...(who === undefined ? {} : { subject: who }) },
    findings,
  };
}

/** Whether an identity takes whoever has any certificate: `.*`. */
export function isAnybody({ issuer, subject }: SignerIdentity): boolean {
  return [issuer, subject].every((spec) => spec === undefined || isAnything(spec));
}

/** Whether each text matches. */
function isAnything(spec: TextSpec): boolean {
  return 'search' in spec && /^\^?(?:\(?(?:\.[*+]|\.\*\?)\)?)?\$?$/.test(spec.search);
}

/** A text that is there: Go takes an empty one for none. */
export function given(text: string | undefined): string | undefined {
  return text === undefined || text === '' ? undefined : text;
}

function regexMistake(text: string): string | undefined {
  if (text.length > policyLimits.text) return `has more than ${policyLimits.text} characters`;
  try {
    RE2JS.compile(text);
    return undefined;
  } catch (error) {
    return `is no regular expression: ${printable(errorMessage(error), 200)}`;
  }
}
