import type { Signer, SignatureLayout, TextSpec } from '../../model.ts';
import type { Attestor, CertificateAttestor, KeyAttestor, KeylessAttestor } from '../document/verification/model.ts';
import { parseKyvernoImage } from '../image-name.ts';
import { certificatesOf } from './certificates.ts';
import { identitiesOf } from './identities.ts';
import { keysOf } from './public-keys.ts';
import { trustOf } from './signer-trust.ts';
import { given, isOpen, type Place, type Translation } from './translation.ts';

/**
 * The signers of an attestor that is no set, one for each entry that it counts for: several keys in PEM are as many entries (Kyverno,
 * `ExpandStaticKeys`). They have no names yet. None where something is wrong, which is told.
 *
 * @param place of a field of the attestor, below the name of its kind
 */
export function signersOf(attestor: Attestor, place: Place, translation: Translation): readonly Omit<Signer, 'name'>[] {
  const { keys, certificates, keyless } = attestor;
  if (translation.type === 'Notary' && certificates === undefined) {
    const sentence = 'cannot be where the type is Notary, which knows certificates alone';
    translation.mistakes.push({ path: place(keys === undefined ? 'keyless' : 'keys'), sentence });
    return [];
  }
  const common = commonOf(attestor, place, translation);
  if (keys !== undefined) return keySigners(keys, attestor, place, translation, common);
  if (certificates !== undefined) return certificateSigner(certificates, place, translation, common);
  return keylessSigner(keyless ?? {}, place, translation, common);
}

type Common = Pick<Signer, 'annotations' | 'repository' | 'layouts'>;

function commonOf(attestor: Attestor, place: Place, translation: Translation): Common {
  const { style, type } = translation;
  const annotations = Object.entries(attestor.annotations ?? {}).map(([name, value]): readonly [string, TextSpec] => [
    name,
    { exact: value },
  ]);
  const repository = repositoryOf(attestor, place, translation);
  return {
    ...(annotations.length === 0 ? {} : { annotations: Object.fromEntries(annotations) }),
    ...(repository === undefined ? {} : { repository }),
    layouts: layoutsOf(type, style.oneLayout),
  };
}

/** Signatures are looked for wherever they may be, since those who sign change their tools before those who write policies. */
export function layoutsOf(type: Translation['type'], oneLayout: boolean): readonly SignatureLayout[] {
  if (type === 'Notary') return ['notation'];
  if (!oneLayout) return ['bundle', 'legacy'];
  return [type === 'Cosign' ? 'legacy' : 'bundle'];
}

function repositoryOf({ repository }: Attestor, place: Place, translation: Translation): string | undefined {
  const own = given(repository);
  const text = own ?? translation.repository;
  const path = place('repository');
  if (text === undefined || isOpen(text, translation, path)) return text;
  const image = parseKyvernoImage(text);
  // The host may be with a port, but a repository has no tag.
  if (image === undefined || image.digest !== '' || /:[^/]*$/.test(text.replace(/^[^/]*\//, '/'))) {
    translation.mistakes.push({ path, sentence: 'is no repository; write HOST/PATH, without a tag' });
    return undefined;
  }
  return `${image.registry}/${image.path}`;
}

function keySigners(
  keys: KeyAttestor,
  { signatureAlgorithm }: Attestor,
  place: Place,
  translation: Translation,
  common: Common,
): readonly Omit<Signer, 'name'>[] {
  const below: Place = (...names) => place('keys', ...names);
  const hash = keys.signatureAlgorithm ?? signatureAlgorithm;
  if (signatureAlgorithm !== undefined && hash !== signatureAlgorithm) {
    translation.mistakes.push({ path: place('signatureAlgorithm'), sentence: 'is not that of keys; keep one' });
  }
  // Certificates have nothing to do with it.
  const trust = trustOf(keys, below, translation, false);
  return (keysOf(keys, below, translation) ?? []).map((key) => ({
    keys: [key],
    identities: [],
    ...common,
    ...(hash === undefined ? {} : { hash }),
    trust,
  }));
}

function certificateSigner(
  certificates: CertificateAttestor,
  place: Place,
  translation: Translation,
  common: Common,
): readonly Omit<Signer, 'name'>[] {
  const below: Place = (...names) => place('certificates', ...names);
  const read = (name: 'cert' | 'certChain'): string | undefined => {
    const text = given(certificates[name]);
    return text === undefined
      ? undefined
      : // Kyverno takes the first of several for the one that signs.
        certificatesOf(text, below(name), translation, name === 'cert' ? 1 : undefined);
  };
  const [leaf, authorities] = [read('cert'), read('certChain')];
  if (given(certificates.cert) === undefined && given(certificates.certChain) === undefined) {
    translation.mistakes.push({ path: below(), sentence: 'needs cert or certChain' });
  }
  if (leaf === undefined && authorities === undefined) return [];
  const certificate = {
    ...(leaf === undefined ? {} : { leaf }),
    ...(authorities === undefined ? {} : { authorities }),
  };
  const signer = { keys: [], identities: [], certificates: [certificate], ...common };
  if (translation.type === 'Notary') {
    for (const name of ['rekor', 'ctlog'] as const) {
      if (certificates[name] === undefined) continue;
      translation.mistakes.push({ path: below(name), sentence: 'says nothing where the type is Notary; leave it out' });
    }
    return [signer];
  }
  // A certificate alone is trusted as a key is.
  return [{ ...signer, trust: trustOf(certificates, below, translation, authorities !== undefined) }];
}

function keylessSigner(
  keyless: KeylessAttestor,
  place: Place,
  translation: Translation,
  common: Common,
): readonly Omit<Signer, 'name'>[] {
  const below: Place = (...names) => place('keyless', ...names);
  const identities = identitiesOf(keyless, below, translation);
  const roots = given(keyless.roots);
  const authorities = roots === undefined ? undefined : certificatesOf(roots, below('roots'), translation);
  const trust = {
    ...trustOf(keyless, below, translation, true),
    ...(authorities === undefined ? {} : { authorities }),
  };
  return [{ keys: [], identities, ...common, trust }];
}
