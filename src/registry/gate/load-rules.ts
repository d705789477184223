import { errorMessage } from '../../base/error.ts';
import { readCappedFile } from '../../base/capped-file.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import { needsTrustedRoot } from '../../evidence/signer/signer-trust.ts';
import { compilePolicy } from '../../policy/compile.ts';
import { keyFilesOf, keyReferencesOf, withKeyFiles } from '../../policy/key-files.ts';
import type { Policy } from '../../policy/model.ts';
import { readPolicy } from '../../policy/seaworthy/read-policy.ts';
import { SigningError } from '../../signing/error.ts';
import { parsePublicKey } from '../../signing/key/parse-public-key.ts';
import { parseTrustedRoot } from '../../signing/trust/parse-trusted-root.ts';
import type { TrustMaterial } from '../../signing/trust/trust-material.ts';
import { anchorOf, type TufAnchor } from '../../signing/trust/tuf/anchor.ts';
import { KnownSignatures } from '../../signing/certificate/known-signatures.ts';
import type { GateConfig } from '../config/gate/model.ts';
import { GateError } from './error.ts';
import { gateLimits } from './limits.ts';
import type { GateRules } from './model.ts';

/** What a gate goes by, and the files that it was read from. */
export interface LoadedGate {
  readonly rules: GateRules;
  readonly files: readonly string[];
  /** The TUF repository that says whom to trust, where that is needed and no file says it. */
  readonly anchor: TufAnchor | undefined;
}

/**
 * Reads what a gate goes by, all of it at once: what is wrong with it is told before anything of it counts.
 *
 * @returns undefined where there is no policy
 * @throws GateError
 */
export async function loadGateRules(config: GateConfig): Promise<LoadedGate | undefined> {
  const { policies, trustedRoot, tufRoot, holdMs, retryAfterMs, platforms, logKeys } = config;
  if (policies.length === 0) return undefined;
  const { policy, keyFiles } = await loadPolicy(policies);
  const anchor = trustedRoot === undefined && needsTrust(policy, config) ? await loadAnchor(config) : undefined;
  const trust = trustedRoot === undefined ? undefined : await loadTrust(trustedRoot);
  const rules: GateRules = {
    policy: compilePolicy(policy),
    trust: { trust, timestamps: 0, logsForKeys: logKeys ? 1 : 0, known: new KnownSignatures() },
    hold: holdMs,
    retryAfter: retryAfterMs,
    platforms,
  };
  const files = [...policies, ...keyFiles, trustedRoot, tufRoot].filter((file) => file !== undefined);
  return { rules, files, anchor };
}

async function loadPolicy(
  files: readonly string[],
): Promise<{ readonly policy: Policy; readonly keyFiles: readonly string[] }> {
  const sources = [];
  for (const file of files) sources.push({ file, text: await textOf(file, gateLimits.policyBytes) });
  const { policy, mistakes } = await readPolicy(sources);
  const [first] = mistakes ?? [];
  if (policy === undefined) {
    const { file, line, column, path, sentence } = first as NonNullable<typeof first>;
    const more =
      (mistakes?.length ?? 1) > 1 ? `; there are ${mistakes?.length} mistakes, see "seaworthy policy lint"` : '';
    const where = `${file}:${line}:${column}`;
    throw new GateError('GATE_FILE_INVALID', file, `${where}: ${path}${path === '' ? '' : ' '}${sentence}${more}`);
  }
  const [reference] = keyReferencesOf(policy);
  if (reference !== undefined) {
    const sentence = `The policy names the key ${reference}, which a registry cannot look up; name a file that holds it`;
    throw new GateError('GATE_FILE_INVALID', files[0] ?? '', sentence);
  }
  const texts = new Map<string, string>();
  for (const file of keyFilesOf(policy)) {
    const text = await textOf(file, gateLimits.keyBytes);
    invalidAs(file, () => parsePublicKey(text));
    texts.set(file, text);
  }
  return { policy: withKeyFiles(policy, texts), keyFiles: [...texts.keys()] };
}

async function loadTrust(file: string): Promise<TrustMaterial> {
  const bytes = await bytesOf(file, gateLimits.trustBytes);
  return invalidAs(file, () => parseTrustedRoot(bytes, file));
}

/** Whether anything that the policy wants counts by authorities or logs that it does not name itself. */
function needsTrust({ signers }: Policy, { logKeys }: GateConfig): boolean {
  return signers.some((signer) => needsTrustedRoot(signer, { logsForKeys: logKeys ? 1 : 0, timestamps: 0 }));
}

async function loadAnchor({ tufMirror, tufRoot, policies }: GateConfig): Promise<TufAnchor> {
  const root = tufRoot === undefined ? undefined : await bytesOf(tufRoot, gateLimits.trustBytes);
  if (tufRoot !== undefined && root !== undefined) invalidAs(tufRoot, () => checkJson(root));
  const anchor = await anchorOf(tufMirror, root === undefined ? undefined : Buffer.from(root));
  if (anchor !== undefined) return anchor;
  const [file = ''] = policies;
  throw new GateError('GATE_FILE_INVALID', file, `Nothing says how to trust ${tufMirror}; add gate.tufRoot`);
}

function checkJson(bytes: Uint8Array): void {
  try {
    parseStrictJson(bytes);
  } catch (cause) {
    throw new TypeError(`it is no root metadata: ${errorMessage(cause)}`, { cause });
  }
}

async function textOf(file: string, most: number): Promise<string> {
  const bytes = await bytesOf(file, most);
  return invalidAs(file, () => new TextDecoder('utf-8', { fatal: true }).decode(bytes));
}

async function bytesOf(file: string, most: number): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await readCappedFile(file, most);
  } catch (cause) {
    throw new GateError('GATE_FILE_UNREADABLE', file, `${file} cannot be read (${codeOf(cause)})`, { cause });
  }
  if (bytes !== undefined) return bytes;
  throw new GateError('GATE_FILE_INVALID', file, `${file} has more than ${most} bytes`);
}

function invalidAs<Value>(file: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof SigningError || cause instanceof TypeError)) throw cause;
    throw new GateError('GATE_FILE_INVALID', file, `${file} cannot be used: ${errorMessage(cause)}`, { cause });
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? errorMessage(error);
}
