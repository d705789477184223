import { printable } from '../../../base/printable.ts';
import { suggest } from '../../../base/suggest.ts';
import type { Finding } from '../../../codec/yaml/mistake.ts';
import type { CelExpression } from '../../../lang/cel/compile.ts';
import type { ImageValidatingSpec } from '../document/image-validating-policy/model.ts';
import type { Asked } from './asked.ts';

/** Finds what expressions name and is not there, and what they look into without asking who stated it. */
export function checkUses(
  spec: ImageValidatingSpec,
  expressions: readonly CelExpression[],
  { payloads, statements }: Asked,
): readonly Finding[] {
  const { variables = [], attestors = [], attestations = [], images = [] } = spec;
  const known: Readonly<Record<string, readonly string[]>> = {
    variables: variables.map(({ name }) => name),
    attestors: attestors.map(({ name }) => name),
    attestations: attestations.map(({ name }) => name),
    images: ['containers', 'initContainers', 'ephemeralContainers', 'imageVolumes', ...images.map(({ name }) => name)],
  };
  const found: Finding[] = Object.entries(known).flatMap(([variable, names]) => {
    const used = new Set(expressions.flatMap(({ uses }) => membersOf(uses.get(variable))));
    return [...used].sort().flatMap((name) => {
      if (names.includes(name)) return [];
      const near = suggest(name, names);
      const meant = near === undefined ? '' : `; did you mean ${printable(near)}?`;
      return [{ path: ['spec', variable], sentence: `have no "${printable(name)}", which an expression uses${meant}` }];
    });
  });
  for (const name of payloads) {
    if (statements.some(({ attestation, attestors: list }) => attestation === name && list.length > 0)) continue;
    const sentence = `are looked into without asking who made them: "${printable(name)}"; use verifyAttestationSignatures too`;
    found.push({ path: ['spec', 'attestations'], sentence });
  }
  return found;
}

function membersOf(used: ReadonlySet<string> | 'all' | undefined): readonly string[] {
  return used === undefined || used === 'all' ? [] : [...used];
}
