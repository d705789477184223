import { printable } from '../../../base/printable.ts';
import type { Digest } from '../../../oci/digest.ts';
import { describeFact, told } from '../../explain/describe-fact.ts';
import { policyLimits } from '../../limits.ts';
import type { AttestationRule, Rule, SignerChoice, SignerSet } from '../../model.ts';
import { noStatement } from '../../rule/attestation.ts';
import { noSignature } from '../../rule/signatures.ts';
import type { AttestationFact, Fact, RuleVerdict, SignatureFact, UnknownFact } from '../../verdict.ts';

/** What is told about. */
export interface ToldImage {
  /** As Kyverno writes it: `ghcr.io/org/app:1.2`. */
  readonly name: string;
  /** Without tag and digest. */
  readonly repository: string;
  readonly digest: Digest;
}

type SignerFact = SignatureFact | AttestationFact | (UnknownFact & { readonly signer: string });

/**
 * What a rule about an image found, in the words of Kyverno's messages, which people look for: then what was looked at, and what to do.
 *
 * @param message what the policy has to say where `validate` denies
 */
export function tellRule(
  verdict: RuleVerdict,
  rule: Rule | undefined,
  image: ToldImage,
  message: string | undefined,
): string {
  const by = `${image.repository}@${image.digest}`;
  switch (verdict.kind) {
    case 'signatures':
      return `failed to verify image ${image.name}: ${signerTexts(verdict, rule)}; ${howToSign(verdict, by)}`;
    case 'attestation':
      return `${attestationText(verdict, rule)}; ${howToAttest(verdict, rule, by)}`;
    case 'expression':
      return `validation in verifyImages failed: ${expressionText(verdict, message)}; looked at ${by}`;
    case 'digest':
      return missingDigest(image.name, by);
    default:
      return `failed to verify image ${image.name}: ${verdict.sentence}`;
  }
}

/** That an image is not named by its digest. @param by how it could be named */
export function missingDigest(name: string, by: string): string {
  return `missing digest for ${name}; name it by its digest, ${by}`;
}

function attestationText(verdict: RuleVerdict, rule: Rule | undefined): string {
  const start = 'image attestations verification failed';
  if (rule?.kind !== 'attestation' || verdict.facts.some(isSupport))
    return `${start}, error: ${signerTexts(verdict, rule)}`;
  const refused = new Set(verdict.facts.flatMap((fact) => ('signer' in fact ? (fact.signer ?? []) : [])));
  const verified = rule.signers.filter((choice) => counts(choice, refused)).length;
  return `${start}, verifiedCount: ${verified}, requiredCount: ${rule.atLeast}, error: ${signerTexts(verdict, rule)}`;
}

function counts(choice: SignerChoice, refused: ReadonlySet<string>): boolean {
  if (typeof choice === 'string') return !refused.has(choice);
  return choice.signers.filter((each) => counts(each, refused)).length >= choice.atLeast;
}

function signerTexts({ facts, total, rule: name }: RuleVerdict, rule: Rule | undefined): string {
  const about = facts.filter(isAboutSigner);
  // Everybody signed, and it is still not enough: they are fewer than they seem to be.
  if (about.length > 0 && about.every(isSupport)) return sharedText(name, rule as SignerSet | undefined, about);
  const texts = about.slice(0, policyLimits.toldFacts).map((fact) => `${fact.signer}: ${why(fact)}`);
  const more = total - texts.length;
  return `${texts.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

function sharedText(name: string, rule: SignerSet | undefined, facts: readonly SignerFact[]): string {
  const signed = facts.map(({ signer }) => signer).slice(0, policyLimits.toldFacts);
  const wanted = rule === undefined ? '' : `, and ${rule.atLeast} must`;
  return `${name}: one key or identity signed for several entries (${signed.join(', ')})${wanted}, each by its own`;
}

/** What came of looking for a signer, and who was looked for. */
function why(fact: SignerFact): string {
  if (fact.kind === 'unknown') return describeFact(fact);
  const reason = fact.kind === 'signature' ? whyNotSigned(fact) : whyNotStated(fact);
  return fact.wanted === undefined ? reason : `${reason} (wanted: ${printable(fact.wanted, policyLimits.reason)})`;
}

function whyNotSigned({ why: reason = 'it is not known why' }: SignatureFact): string {
  return reason === noSignature ? 'no signatures found' : printable(reason, policyLimits.reason);
}

function whyNotStated({ predicateType, why: reason = 'it is not known why' }: AttestationFact): string {
  const type = told(predicateType);
  if (reason === noStatement) return `attestations not found for predicate type ${type}`;
  return `attestation checks failed for predicate ${type}: ${printable(reason, policyLimits.reason)}`;
}

function isAboutSigner(fact: Fact): fact is SignerFact {
  if (fact.kind === 'unknown') return fact.signer !== undefined;
  return fact.kind === 'signature' || fact.kind === 'attestation';
}

function isSupport(fact: Fact): boolean {
  return (fact.kind === 'signature' && fact.verified) || (fact.kind === 'attestation' && fact.holds);
}

function expressionText({ facts }: RuleVerdict, message: string | undefined): string {
  const reasons = facts.map((fact) => (fact.kind === 'expression' ? oneLine(fact.why) : describeFact(fact)));
  return [...(message === undefined ? [] : [oneLine(message)]), ...reasons.slice(0, policyLimits.toldFacts)].join('; ');
}

/** The policy's own words, which may be long and have several lines. */
function oneLine(text: string): string {
  return printable(text.trim().replaceAll(/\s+/g, ' '), policyLimits.text);
}

/** Only whoever did not sign can do something about it; what could not be looked at is no matter of signing. */
function howToSign({ outcome, facts }: RuleVerdict, by: string): string {
  const [first] = facts;
  if (outcome !== 'violated' || first?.kind !== 'signature' || first.verified) return `looked at ${by}`;
  const { signer } = first;
  if (signer.endsWith('.keys')) return `sign it with that key: cosign sign --key KEY ${by}`;
  if (signer.endsWith('.keyless')) return `sign it as that identity: cosign sign ${by}`;
  return `sign it with that certificate's key: ${by}`;
}

function howToAttest({ outcome, facts }: RuleVerdict, rule: Rule | undefined, by: string): string {
  const [first] = facts;
  if (outcome !== 'violated' || first?.kind !== 'attestation' || first.holds || first.why !== noStatement)
    return `looked at ${by}`;
  const { predicateType } = rule as AttestationRule;
  const key = first.signer.endsWith('.keys') ? ' --key KEY' : '';
  return `attest it: cosign attest --type ${told(predicateType)} --predicate FILE${key} ${by}`;
}
