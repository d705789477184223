import type { YamlNode, YamlScalar } from './tree.ts';

/** A value as JSON has it. */
export type KubernetesValue =
  | null
  | boolean
  | number
  | string
  | readonly KubernetesValue[]
  | { readonly [name: string]: KubernetesValue };

const truths: ReadonlySet<string> = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE']);
const lies: ReadonlySet<string> = new Set(['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE']);
const whole = /^([-+]?)(0b[01]+|0x[0-9a-fA-F]+|0o?[0-7]+|0|[1-9][0-9]*)$/;
const decimal = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/**
 * A node as Kubernetes reads it (sigs.k8s.io/yaml, which is YAML 1.1 as Go's yaml.v2 has it, turned into JSON): `yes` and `off` are truth
 * values, `010` is eight and `1_000` a thousand, while times stay texts. Objects inherit nothing.
 */
export function kubernetesValue(node: YamlNode): KubernetesValue {
  if (node.kind === 'scalar') return scalarValue(node);
  if (node.kind === 'sequence') return node.items.map(kubernetesValue);
  const members = Object.create(null) as Record<string, KubernetesValue>;
  for (const { name, value } of node.entries) members[name] = kubernetesValue(value);
  return members;
}

function scalarValue({ text, isPlain }: YamlScalar): KubernetesValue {
  if (text === undefined) return null;
  if (!isPlain) return text;
  if (truths.has(text)) return true;
  if (lies.has(text)) return false;
  return numberOf(text) ?? text;
}

function numberOf(text: string): number | undefined {
  if (!/^[-+.0-9]/.test(text) || text.length > 100) return undefined;
  const bare = text.replaceAll('_', '');
  const [, sign, digits] = whole.exec(bare) ?? [];
  if (digits !== undefined) {
    // A zero before other digits means eights, as it does in Go.
    const size = Number(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
    return sign === '-' ? -size : size;
  }
  if (!decimal.test(bare)) return undefined;
  const number = Number(bare);
  return Number.isFinite(number) ? number : undefined;
}
