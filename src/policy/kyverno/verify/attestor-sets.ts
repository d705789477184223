import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import { policyLimits } from '../../limits.ts';
import type { Signer, SignerChoice, SignerSet } from '../../model.ts';
import type { Attestor, AttestorSet } from '../document/verification/model.ts';
import { signersOf } from './attestor.ts';
import type { Place, Translation } from './translation.ts';

/** Where a set of attestors is. */
export interface SetPlace {
  /** As Kyverno's messages have it, which also names the signers: `.attestors[0]`. */
  readonly label: string;
  /** In the document. */
  readonly path: ConfigPath;
  /** Of an attestor's fields, where it stands for fields of version 1. */
  readonly old?: Place;
}

/**
 * So many of a set's entries, or all (Kyverno, `verifyAttestorSet`). Entries are counted after keys in one text were made entries of
 * their own. Its signers are added to those of the translation, under the places that Kyverno's messages tell.
 */
export function signerSetOf(
  { count, entries }: AttestorSet,
  place: SetPlace,
  translation: Translation,
  level = 1,
): SignerSet {
  if (level > policyLimits.signerSets) {
    const sentence = `is a set within more than ${policyLimits.signerSets - 1} others; write it with fewer`;
    translation.mistakes.push({ path: place.path, sentence });
    return { signers: [], atLeast: 1 };
  }
  const choices: SignerChoice[] = [];
  for (const [at, entry] of entries.entries()) {
    const path = [...place.path, 'entries', at];
    const below: Place = place.old ?? ((...names) => [...path, ...names]);
    if (entry.attestor === undefined)
      choices.push(...choicesOf(entry, place.label, choices.length, below, translation));
    else {
      const label = `${place.label}.entries[${choices.length}].attestor`;
      refuseBeside(entry, below, translation);
      choices.push(signerSetOf(entry.attestor, { label, path: [...path, 'attestor'] }, translation, level + 1));
    }
  }
  return setOf(choices, count ?? choices.length, translation);
}

function choicesOf(
  entry: Attestor,
  label: string,
  first: number,
  place: Place,
  translation: Translation,
): readonly SignerChoice[] {
  const kind = entry.keys !== undefined ? 'keys' : entry.certificates !== undefined ? 'certificates' : 'keyless';
  return signersOf(entry, place, translation).map((signer, index) => {
    const name = `${label}.entries[${first + index}].${kind}`;
    if (!translation.style.annotationsApart || kind === 'keys' || signer.annotations === undefined) {
      translation.signers.push({ name, ...signer });
      return name;
    }
    // Whoever the authorities know may then have signed what has the annotations.
    const { annotations: _annotations, ...plain } = signer;
    const marked: Signer = {
      ...signer,
      name: `${name}.annotations`,
      identities: signer.identities.length > 0 ? [{}] : [],
    };
    translation.signers.push({ name, ...plain }, marked);
    return setOf([name, marked.name], 2, translation);
  });
}

function setOf(signers: readonly SignerChoice[], atLeast: number, { style }: Translation): SignerSet {
  return { signers, atLeast, ...(style.sameSignerTwice ? { distinct: false } : {}) };
}

/** Kyverno passes over what stands beside a set within a set. */
function refuseBeside(entry: Attestor, place: Place, { mistakes }: Translation): void {
  for (const name of ['annotations', 'repository', 'signatureAlgorithm'] as const) {
    if (entry[name] === undefined) continue;
    mistakes.push({ path: place(name), sentence: 'says nothing beside attestor; write it at the entries within' });
  }
}
