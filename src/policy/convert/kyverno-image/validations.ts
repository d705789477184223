import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { CelNode } from '../../../lang/cel/node.ts';
import type { ImageValidatingSpec } from '../../kyverno-image/document/image-validating-policy/model.ts';
import { PolicyExpressions } from '../../kyverno-image/expression/policy-expressions.ts';
import { predicateTypeOf } from '../../../signing/statement/predicate-type.ts';
import type { Rule } from '../../model.ts';

/** What validations ask of images, and of which lists of them. */
export interface ImageRequirements {
  readonly rules: readonly Rule[];
  readonly groups: ReadonlySet<string>;
}

type Tell = (path: ConfigPath, sentence: string) => void;

const base = { name: '', action: 'deny' } as const;

const unreadable =
  'is in no form that is known here: write images.containers.map(image, verifyImageSignatures(image, [attestors.NAME])).all(e, e > 0), or the like of verifyAttestationSignatures and extractPayload';

/** Reads validations that ask how many attestors count, or what statements say. What is written otherwise is told. */
export function imageRequirements(spec: ImageValidatingSpec, tell: Tell, note: Tell): ImageRequirements {
  const { validations = [] } = spec;
  const byRule = new Map<string, { readonly rule: Rule; readonly groups: Set<string>; readonly path: ConfigPath }>();
  const expressions = new PolicyExpressions();
  for (const [at, { expression, message, messageExpression }] of validations.entries()) {
    const path: ConfigPath = ['spec', 'validations', at, 'expression'];
    const asked = readValidation(expressions.compile(expression).root, expression, spec);
    if (asked === undefined) {
      tell(path, unreadable);
      continue;
    }
    if (messageExpression !== undefined) {
      note(
        ['spec', 'validations', at, 'messageExpression'],
        'makes a message of what is seen, which an ImagePolicy makes itself',
      );
    }
    const help = message === undefined ? {} : { help: message.trim().replaceAll(/\s+/g, ' ') };
    for (const rule of asked.rules) {
      const key = JSON.stringify(rule);
      const known = byRule.get(key) ?? { rule: { ...rule, ...help }, groups: new Set<string>(), path };
      for (const group of asked.groups) known.groups.add(group);
      byRule.set(key, known);
      if ('atLeast' in rule && rule.atLeast > 1)
        note(path, 'counts attestors; here one key or identity counts once, whoever of them has it');
    }
  }
  const all = [...byRule.values()];
  const [first] = all;
  for (const { groups, path } of all) {
    if (first === undefined || isSame(groups, first.groups)) continue;
    tell(path, 'asks something of some images of an object alone, where an ImagePolicy asks the same of all of them');
  }
  return { rules: all.map(({ rule }) => rule), groups: first?.groups ?? new Set() };
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

interface Asked {
  readonly rules: readonly Rule[];
  readonly groups: readonly string[];
}

/** `LISTS.all(v, CONDITION)`, or `LISTS.map(v, VALUE).all(e, CONDITION of e)`. */
function readValidation(root: CelNode, text: string, spec: ImageValidatingSpec): Asked | undefined {
  const all = macroOf(root, 'all');
  if (all === undefined) return undefined;
  const map = macroOf(all.over, 'map');
  const groups = listsOf(map?.over ?? all.over);
  if (groups === undefined) return undefined;
  const rules =
    map === undefined
      ? conditionRules(all.body, undefined, all.variable, text, spec)
      : conditionRules(all.body, { name: all.variable, node: map.body }, map.variable, text, spec);
  return rules === undefined ? undefined : { rules, groups };
}

interface Macro {
  readonly over: CelNode;
  readonly variable: string;
  readonly body: CelNode;
}

function macroOf(node: CelNode, wanted: 'all' | 'map'): Macro | undefined {
  if (node.op !== 'rcall') return undefined;
  const [name, over, args] = node.args as readonly [string, CelNode, readonly CelNode[]];
  const [variable, body, ...more] = args;
  if (name !== wanted || variable?.op !== 'id' || body === undefined || more.length > 0) return undefined;
  return { over, variable: String(variable.args), body };
}

/** `images.containers`, or several of them one after the other. */
function listsOf(node: CelNode): readonly string[] | undefined {
  if (node.op === '+') {
    const [left, right] = (node.args as readonly CelNode[]).map(listsOf);
    return left === undefined || right === undefined ? undefined : [...left, ...right];
  }
  const name = memberOf(node, 'images');
  return name === undefined ? undefined : [name];
}

/** What stands for the value of each image. */
interface Mapped {
  readonly name: string;
  readonly node: CelNode;
}

function conditionRules(
  node: CelNode,
  mapped: Mapped | undefined,
  image: string,
  text: string,
  spec: ImageValidatingSpec,
): readonly Rule[] | undefined {
  const value = resolved(node, mapped);
  if (value.op === '&&') {
    const parts = (value.args as readonly CelNode[]).map((each) => conditionRules(each, mapped, image, text, spec));
    return parts.some((each) => each === undefined) ? undefined : parts.flatMap((each) => each ?? []);
  }
  const counted = countRule(value, mapped, image, spec);
  if (counted !== undefined) return [counted];
  const stated = payloadRule(image, text, spec);
  return stated === undefined ? undefined : [stated];
}

function resolved(node: CelNode, mapped: Mapped | undefined): CelNode {
  return mapped !== undefined && node.op === 'id' && node.args === mapped.name ? mapped.node : node;
}

/** `verifyImageSignatures(image, […]) > 0`, and the like. */
function countRule(
  node: CelNode,
  mapped: Mapped | undefined,
  image: string,
  spec: ImageValidatingSpec,
): Rule | undefined {
  if (!['>', '>=', '=='].includes(node.op)) return undefined;
  const [left, right] = node.args as readonly [CelNode, CelNode];
  if (right.op !== 'value' || typeof right.args !== 'bigint') return undefined;
  const call = resolved(left, mapped);
  if (call.op !== 'call') return undefined;
  const [name, args] = call.args as readonly [string, readonly CelNode[]];
  const [first, ...rest] = args;
  if (first?.op !== 'id' || first.args !== image) return undefined;
  const signers = attestorsOf(rest.at(-1));
  if (signers === undefined || signers.length === 0) return undefined;
  const atLeast = Number(right.args) + (node.op === '>' ? 1 : 0);
  if (atLeast < 1 || atLeast > signers.length || (node.op === '==' && atLeast !== signers.length)) return undefined;
  if (name === 'verifyImageSignatures') return { ...base, kind: 'signatures', signers, atLeast };
  if (name !== 'verifyAttestationSignatures') return undefined;
  const predicateType = typeOf(memberOf(rest[0], 'attestations'), spec);
  return predicateType === undefined ? undefined : { ...base, kind: 'attestation', predicateType, signers, atLeast };
}

/**
 * A condition on what the one attestor of an attestation states: there, every statement must meet it. The text is taken as it stands, with
 * `predicate` in place of what gives the statement; where that is no condition, the document cannot be written, which is told.
 */
function payloadRule(image: string, text: string, spec: ImageValidatingSpec): Rule | undefined {
  const whole =
    /^\s*images\.\w+\s*\.all\(\s*\w+\s*,([\s\S]+)\)\s*$/.exec(text) ??
    /^\s*images\.\w+\s*\.map\(\s*\w+\s*,([\s\S]+)\)\s*\.all\(\s*(\w+)\s*,\s*\2\s*\)\s*$/.exec(text);
  const body = whole?.[1]?.trim();
  if (body === undefined) return undefined;
  const calls = [...body.matchAll(/extractPayload\(\s*(\w+)\s*,\s*attestations\.(\w+)\s*\)/g)];
  const names = new Set(calls.map(([, , name]) => name));
  const [name] = names;
  if (name === undefined || names.size > 1 || calls.some(([, of]) => of !== image)) return undefined;
  const cel = body.replaceAll(/extractPayload\(\s*\w+\s*,\s*attestations\.\w+\s*\)/g, 'predicate');
  const predicateType = typeOf(name, spec);
  const signers = payloadSigners(name, spec);
  if (
    predicateType === undefined ||
    signers.length !== 1 ||
    new RegExp(`\\b${image}\\b|\\battestors\\b|\\bimages\\b`).test(cel)
  ) {
    return undefined;
  }
  return { ...base, kind: 'attestation', predicateType, signers, atLeast: 1, which: 'all', condition: { cel } };
}

/** Attestors whose statements are looked into: those that are asked for, wherever that is. */
function payloadSigners(attestation: string, { validations = [] }: ImageValidatingSpec): readonly string[] {
  const found = new Set<string>();
  for (const { expression } of validations) {
    const calls = expression.matchAll(
      /verifyAttestationSignatures\(\s*\w+\s*,\s*attestations\.(\w+)\s*,\s*\[([^\]]*)\]/g,
    );
    for (const [, name, list = ''] of calls) {
      if (name !== attestation) continue;
      for (const [, attestor = ''] of list.matchAll(/attestors\.(\w+)/g)) found.add(attestor);
    }
  }
  return [...found];
}

function attestorsOf(node: CelNode | undefined): readonly string[] | undefined {
  if (node?.op !== 'list') return undefined;
  const names = (node.args as readonly CelNode[]).map((each) => memberOf(each, 'attestors'));
  return names.some((each) => each === undefined) ? undefined : [...new Set(names.flatMap((each) => each ?? []))];
}

function memberOf(node: CelNode | undefined, variable: string): string | undefined {
  if (node?.op !== '.') return undefined;
  const [left, name] = node.args as readonly [CelNode, unknown];
  return left.op === 'id' && left.args === variable && typeof name === 'string' ? name : undefined;
}

function typeOf(name: string | undefined, { attestations = [] }: ImageValidatingSpec): string | undefined {
  const type = attestations.find((each) => each.name === name)?.intoto?.type;
  return type === undefined ? undefined : predicateTypeOf(type);
}
