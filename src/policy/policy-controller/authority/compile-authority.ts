import { printable } from '../../../base/printable.ts';
import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { predicateTypeOf } from '../../../signing/statement/predicate-type.ts';
import type { Signer } from '../../model.ts';
import { given } from '../../signers/identity.ts';
import type { Authority } from '../document/cluster-image-policy/model.ts';
import { refuseWritten } from './written-policy.ts';
import { signersOf } from './signers.ts';
import type { Translation } from './translation.ts';

/** An authority, compiled: it is met by one of its signers, by all of its statements where it has some, or by itself. */
export type CompiledAuthority =
  | { readonly kind: 'static'; readonly name: string; readonly action: 'pass' | 'fail'; readonly message: string }
  | {
      readonly kind: 'signed';
      readonly name: string;
      readonly signers: readonly Signer[];
      /** Each is to be made by one of the signers. */
      readonly statements: readonly { readonly name: string; readonly predicateType: string }[];
      /** Names of Secrets in the object's namespace. */
      readonly pullSecrets: readonly string[];
    };

const kinds = ['key', 'keyless', 'static'] as const;

/** Compiles an authority; what is wrong with it is told, and then undefined. */
export function compileAuthority(
  authority: Authority,
  at: number,
  path: ConfigPath,
  translation: Translation,
): CompiledAuthority | undefined {
  const { findings } = translation;
  const name = given(authority.name) ?? `authority-${at}`;
  const before = findings.length;
  const there = kinds.filter((kind) => authority[kind] !== undefined);
  const [kind] = there;
  if (kind === undefined) {
    const sentence =
      authority.rfc3161timestamp === undefined
        ? `takes exactly one of ${kinds.join(', ')}`
        : 'says when something was signed and not by whom; add key or keyless';
    findings.push({ path, sentence });
    return undefined;
  }
  if (there.length > 1) {
    findings.push({ path, sentence: `takes exactly one of ${kinds.join(', ')}` });
    return undefined;
  }
  if (authority.static !== undefined) return staticAuthority(authority, authority.static, name, path, translation);
  const signers = signersOf(authority, name, path, translation);
  const statements = statementsOf(authority, path, translation);
  const pullSecrets = pullSecretsOf(authority, path, translation);
  return findings.length > before ? undefined : { kind: 'signed', name, signers, statements, pullSecrets };
}

function staticAuthority(
  authority: Authority,
  { action, message = '' }: NonNullable<Authority['static']>,
  name: string,
  path: ConfigPath,
  { findings }: Translation,
): CompiledAuthority {
  for (const other of ['attestations', 'source', 'ctlog', 'rfc3161timestamp', 'signatureFormat'] as const) {
    if (authority[other] === undefined) continue;
    findings.push({ path: [...path, other], sentence: 'says nothing beside static; leave it out' });
  }
  return { kind: 'static', name, action, message };
}

function statementsOf(
  { attestations = [] }: Authority,
  path: ConfigPath,
  translation: Translation,
): readonly { readonly name: string; readonly predicateType: string }[] {
  const { findings } = translation;
  const names = new Set<string>();
  return attestations.flatMap(({ name, predicateType, policy }, at) => {
    const own = [...path, 'attestations', at];
    if (name === '') findings.push({ path: [...own, 'name'], sentence: 'is empty' });
    if (names.has(name)) {
      findings.push({ path: [...own, 'name'], sentence: `is "${printable(name)}", which another attestation has too` });
    }
    names.add(name);
    if (policy !== undefined) refuseWritten(policy, [...own, 'policy'], false, translation);
    const type = predicateTypeOf(predicateType);
    if (type !== undefined) return [{ name, predicateType: type }];
    const sentence = 'is neither a name that cosign gives, such as spdxjson, nor a URI';
    findings.push({ path: [...own, 'predicateType'], sentence });
    return [];
  });
}

function pullSecretsOf({ source = [] }: Authority, path: ConfigPath, { findings }: Translation): readonly string[] {
  return source.flatMap(({ signaturePullSecrets = [] }, at) =>
    signaturePullSecrets.flatMap(({ name = '' }, index) => {
      if (/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name)) return [name];
      const own = [...path, 'source', at, 'signaturePullSecrets', index, 'name'];
      findings.push({ path: own, sentence: 'names no Secret' });
      return [];
    }),
  );
}
