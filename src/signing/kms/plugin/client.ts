import { parseStrictJson } from '../../../codec/json/parse.ts';
import { isSeaworthyError } from '../../../base/error.ts';
import { asObject, asText, type JsonObject } from '../../../oci/json.ts';
import { redactText } from '../../../net/redact.ts';
import { SigningError } from '../../error.ts';
import { expectBytes } from '../../key/ask-json.ts';
import { readFetchedKey } from '../../key/fetched-key.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { defaultHash, type HashAlgorithm } from '../../key/key-type.ts';
import { keyLimits } from '../../key/limits.ts';
import { runProgram } from '../../key/run-program.ts';
import { verifySignature } from '../../key/verify-signature.ts';
import type { KmsKey } from '../kms-key.ts';
import type { PluginReference } from './reference.ts';

/** The version of sigstore's plugin protocol (sigstore/sigstore, pkg/signature/kms/cliplugin): the first argument. */
const protocolVersion = 'v1';

/** Go's numbers for hashes (package crypto), which the protocol uses. */
const hashNumbers: Readonly<Record<HashAlgorithm, number>> = { sha256: 5, sha384: 6, sha512: 7 };

/** Opens a key that the program `sigstore-kms-NAME` has. @throws SigningError KEY_UNAVAILABLE */
export async function openPluginKey(reference: PluginReference, deps: KeyDeps): Promise<KmsKey> {
  const { program } = reference;
  const asked = { publicKey: { publicKeyOptions: { rpcOptions: rpcOptions(deps) } } };
  // cosign asks with SHA-256, before anyone knows which key it is.
  const answer = await call(reference, deps, 'sha256', 'publicKey', asked);
  const publicKey = readFetchedKey(expectBytes(answer, 'publicKeyPEM', program).toString('latin1'), program);
  const hash = defaultHash[publicKey.type];
  return {
    publicKeys: [publicKey],
    signer: {
      publicKey,
      hash,
      async sign(message, signal) {
        const asker = { ...deps, signal: signal ?? deps.signal };
        const options = { rpcOptions: rpcOptions(deps), messageOptions: { digest: null } };
        const question = { signMessage: { signOptions: options } };
        const signed = await call(reference, asker, hash, 'signMessage', question, message);
        const signature = expectBytes(signed, 'signature', program);
        if (verifySignature(publicKey, message, signature, { hash })) return signature;
        throw unavailable(program, 'made a signature that does not verify with its public key');
      },
    },
  };
}

async function call(
  { program, keyResourceId }: PluginReference,
  deps: KeyDeps,
  hash: HashAlgorithm,
  method: string,
  question: Readonly<Record<string, unknown>>,
  input?: Uint8Array,
): Promise<JsonObject> {
  const rpc = rpcOptions(deps);
  const initOptions = {
    ctxDeadline: rpc.ctxDeadline,
    protocolVersion,
    keyResourceID: keyResourceId,
    hashFunc: hashNumbers[hash],
    rpcOptions: rpc,
  };
  const argument = JSON.stringify({ initOptions, methodName: method, ...question });
  const run = deps.exec ?? runProgram;
  // Its status says nothing in this protocol; its answer does.
  const { output } = await run({
    program,
    args: [protocolVersion, argument],
    env: deps.env,
    signal: deps.signal,
    ...(input === undefined ? {} : { input }),
  });
  const document = parse(program, output);
  const failure = asText(document['errorMessage']);
  if (failure !== undefined) throw unavailable(program, `failed: ${redactText(failure.slice(0, 500))}`);
  return asObject(document[method], method, () => unavailable(program, `answered without ${method}`));
}

/** As cosign sends them; a deadline is what this machine gives the program. */
function rpcOptions(deps: KeyDeps): { ctxDeadline: string; keyVersion: string; remoteVerification: boolean } {
  const deadline = new Date(deps.now().getTime() + keyLimits.programMs);
  return { ctxDeadline: deadline.toISOString(), keyVersion: '', remoteVerification: false };
}

function parse(program: string, output: Buffer): JsonObject {
  const complain = (): SigningError => unavailable(program, 'printed something that is no answer of a plugin');
  try {
    return asObject(parseStrictJson(output), 'the answer', complain);
  } catch (error) {
    if (!isSeaworthyError(error)) throw error;
    throw complain();
  }
}

function unavailable(program: string, why: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `The program ${program} ${why}`);
}
