import { formatMistake } from '../../src/codec/yaml/mistake.ts';
import { compilePolicyController, type CompiledPolicyController } from '../../src/policy/policy-controller/compile.ts';
import { readPolicyController } from '../../src/policy/policy-controller/document/read-documents.ts';
import { type PolicyControllerSettings, usualPolicyController } from '../../src/policy/policy-controller/settings.ts';

/** Reads and compiles policies of policy-controller in a text. */
export async function compileController(
  text: string,
  settings: Partial<PolicyControllerSettings> = {},
): Promise<CompiledPolicyController> {
  return compilePolicyController([await readPolicyController(text)], { ...usualPolicyController, ...settings });
}

/** A policy about `ghcr.io/org/**`, with what stands in its spec besides; in YAML, two spaces deep. */
export function controllerPolicy(spec: string, glob = 'ghcr.io/org/**'): string {
  return `apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata:\n  name: signed\nspec:\n  images:\n  - glob: "${glob}"\n${spec}\n`;
}

/** The mistakes of a text, as they are told: `4:3: spec.images[0].glob: is empty`. */
export function mistakesOf({ mistakes }: CompiledPolicyController): readonly string[] {
  return mistakes.map((mistake) => formatMistake('', mistake).slice(1));
}
