import type { ConfigPath } from '../../codec/yaml/mistake.ts';
import type { JsonObject, JsonValue } from '../../lang/jmespath/value.ts';
import type { LintDocument, Placed } from './model.ts';
import { has, select, selectTexts } from './select.ts';

/** Whom certificates of a signer must be for, as a document says it. */
export interface LintIdentity {
  readonly path: ConfigPath;
  /** Patterns and texts, each with how it is read; a `search` may match anywhere. */
  readonly texts: readonly (Placed<string> & {
    readonly member: 'issuer' | 'subject';
    readonly kind: 'text' | 'glob' | 'search' | 'whole';
  })[];
  /** Whether authorities of one's own issue the certificates. */
  readonly ownAuthorities: boolean;
}

/** An attestor of Kyverno, wherever it stands: of images, of statements, or in a set within a set. */
export function attestorsOf({ form, value }: LintDocument): readonly Placed<JsonObject>[] {
  if (form !== 'kyverno') return [];
  return ['attestors[]', 'attestations[].attestors[]'].flatMap((way) =>
    select(value, `spec.rules[].verifyImages[].${way}`).flatMap(({ path, value: set }) => entriesOf(set, path, 0)),
  );
}

function entriesOf(set: JsonValue, path: ConfigPath, depth: number): readonly Placed<JsonObject>[] {
  if (depth > 20) return [];
  return select(set, 'entries[]', path).flatMap((entry) => {
    if (entry.value === null || typeof entry.value !== 'object' || Array.isArray(entry.value)) return [];
    const own = entry as Placed<JsonObject>;
    const nested = select(own.value, 'attestor', own.path).flatMap((inner) =>
      entriesOf(inner.value, inner.path, depth + 1),
    );
    return [own, ...nested];
  });
}

/** All identities that a document takes. */
export function identitiesOf(document: LintDocument): readonly LintIdentity[] {
  const { form, value } = document;
  switch (form) {
    case 'kyverno':
      return attestorsOf(document).flatMap((entry) =>
        select(entry.value, 'keyless', entry.path).map((each) => identityOf(each, has(each.value, 'roots'), 'glob')),
      );
    case 'kyvernoCel':
      return select(value, 'spec.attestors[].cosign.keyless').flatMap((keyless) =>
        listed(keyless, has(keyless.value, 'roots')),
      );
    case 'policyController':
      return select(value, 'spec.authorities[].keyless').flatMap((keyless) =>
        listed(keyless, has(keyless.value, 'ca-cert') || has(keyless.value, 'trustRootRef')),
      );
    case 'seaworthy':
      return select(value, 'spec.signers[]').flatMap((signer) =>
        select(signer.value, 'identities[]', signer.path).map((each) =>
          identityOf(each, has(signer.value, 'trust.authorities'), 'text'),
        ),
      );
    default:
      return [];
  }
}

/** `keyless` with a list; without one, whoever has a certificate. */
function listed(keyless: Placed<JsonValue>, ownAuthorities: boolean): readonly LintIdentity[] {
  const found = select(keyless.value, 'identities[]', keyless.path);
  if (found.length === 0) return [{ path: keyless.path, texts: [], ownAuthorities }];
  return found.map((each) => identityOf(each, ownAuthorities, 'text'));
}

function identityOf({ path, value }: Placed<JsonValue>, ownAuthorities: boolean, plain: 'text' | 'glob'): LintIdentity {
  const texts = (['issuer', 'subject'] as const).flatMap((member): LintIdentity['texts'] => [
    ...selectTexts(value, member, path).map((each) => ({ ...each, member, kind: plain })),
    ...selectTexts(value, `${member}RegExp`, path).map((each) => ({ ...each, member, kind: 'search' as const })),
    ...selectTexts(value, `${member}.search`, path).map((each) => ({ ...each, member, kind: 'search' as const })),
    ...selectTexts(value, `${member}.glob`, path).map((each) => ({ ...each, member, kind: 'glob' as const })),
    ...selectTexts(value, `${member}.regex`, path).map((each) => ({ ...each, member, kind: 'whole' as const })),
  ]);
  return { path, texts: texts.filter((each) => each.value !== ''), ownAuthorities };
}
