import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import { compilePolicy, type CompiledPolicy } from '../../compile.ts';
import type { RegistryAccess } from '../../resource/policy.ts';
import type { KyvernoVerification } from '../document/verification/model.ts';
import type { KyvernoSettings } from '../rule/model.ts';
import { foldOldForms } from './fold-old-forms.ts';
import { imagePolicyOf, withDigests } from './image-policy.ts';
import { registryAccessOf } from './registry-access.ts';
import { given, type Translation } from './translation.ts';

/** An entry in which variables have their values. */
export interface ResolvedEntry {
  readonly skipPatterns: readonly string[];
  readonly access: RegistryAccess;
  /** What images must be like. @param pin whether digests are put in where that can be done */
  readonly policy: (pin: boolean) => CompiledPolicy;
  /** The same for images that are passed over, of which digests are asked all the same. */
  readonly digestPolicy: (pin: boolean) => CompiledPolicy;
}

/** What entries of a rule are compiled with. */
export interface EntrySettings extends KyvernoSettings {
  /** The namespace of the policy; undefined for one of the cluster. */
  readonly owner: string | undefined;
}

/**
 * Reads an entry.
 *
 * @param isResolved whether its variables have their values; before, what has variables is not looked into
 * @param mistakes are added to
 */
export function resolveEntry(
  written: KyvernoVerification,
  path: ConfigPath,
  { style, namespace, owner }: EntrySettings,
  isResolved: boolean,
  mistakes: Finding[],
): ResolvedEntry {
  const folded = foldOldForms(written, path);
  const {
    type = 'Cosign',
    repository,
    verifyDigest = true,
    skipImageReferences = [],
    imageRegistryCredentials = {},
  } = folded.entry;
  const translation: Translation = {
    style,
    type,
    repository: given(repository),
    isResolved,
    signers: [],
    mistakes,
  };
  const policy = imagePolicyOf(folded, path, translation);
  const access = registryAccessOf(
    imageRegistryCredentials,
    [...path, 'imageRegistryCredentials'],
    namespace,
    owner,
    translation,
  );
  const nothing = { ...policy, rules: [], signers: [] };
  return {
    skipPatterns: skipImageReferences,
    access,
    policy: byPin((pin) => compilePolicy(withDigests(policy, pin, verifyDigest))),
    digestPolicy: byPin((pin) => compilePolicy(withDigests(nothing, pin, verifyDigest))),
  };
}

/** Makes each of the two at most once. */
function byPin(make: (pin: boolean) => CompiledPolicy): (pin: boolean) => CompiledPolicy {
  const made = new Map<boolean, CompiledPolicy>();
  return (pin) => {
    const policy = made.get(pin) ?? make(pin);
    made.set(pin, policy);
    return policy;
  };
}
