import { decodeBase64 } from '../../codec/base64/decode.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import type { TlsSettings } from '../../net/trust.ts';
import { asList, asObject, asText, type JsonObject } from '../../oci/json.ts';
import { SigningError } from '../error.ts';
import type { KeyDeps } from './key-deps.ts';
import { type KubeContext, type KubeEntry, pathIn, readKubeconfig } from './kubeconfig.ts';
import { readCapped, readText } from './read-files.ts';
import { runProgram } from './run-program.ts';

/** How to reach the API of a cluster. */
export interface KubernetesAccess {
  /** Without a slash at its end. */
  readonly server: string;
  readonly tls: TlsSettings;
  readonly headers: Readonly<Record<string, string>>;
}

const inCluster = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What kubeconfigs may ask for and is not done here; passing it over would reach another server or user. */
const unknownCluster = ['tls-server-name', 'proxy-url'];
const unknownUser = ['auth-provider', 'as', 'as-uid', 'as-groups', 'as-user-extra', 'username', 'password'];

/**
 * Finds the cluster: the current context of the kubeconfig, or the service account of the pod that this runs in.
 *
 * @throws SigningError KEY_UNAVAILABLE
 */
export async function findKubernetes(deps: KeyDeps): Promise<KubernetesAccess> {
  const context = await readKubeconfig(deps);
  if (context !== undefined) return fromContext(context, deps);
  const [host, port] = [deps.env['KUBERNETES_SERVICE_HOST'], deps.env['KUBERNETES_SERVICE_PORT']];
  if (host === undefined || port === undefined) {
    throw unavailable('there is no kubeconfig with a current context, and this is no pod');
  }
  const token = (await readText(deps, `${inCluster}/token`, "The pod's token")).trim();
  const pem = await readCapped(deps, `${inCluster}/ca.crt`, "The cluster's authority");
  const server = serverOf(`https://${host.includes(':') ? `[${host}]` : host}:${port}`);
  return { server: server.text, tls: { authorities: [{ name: 'ca.crt', pem }] }, headers: bearer(token) };
}

async function fromContext({ cluster, user }: KubeContext, deps: KeyDeps): Promise<KubernetesAccess> {
  refuseUnknown(cluster.fields, unknownCluster);
  refuseUnknown(user.fields, unknownUser);
  const { text, host } = serverOf(asText(cluster.fields['server']) ?? '');
  const pem = await material(cluster, 'certificate-authority', deps);
  const identity = await identityOf(user, deps);
  const tls: TlsSettings = {
    ...(pem === undefined ? {} : { authorities: [{ name: 'certificate-authority', pem }] }),
    ...(cluster.fields['insecure-skip-tls-verify'] === true ? { insecureHosts: [host] } : {}),
    ...(identity.client === undefined ? {} : { clientCertificates: [{ hosts: [host], ...identity.client }] }),
  };
  return { server: text, tls, headers: identity.token === undefined ? {} : bearer(identity.token) };
}

interface Identity {
  readonly token?: string;
  readonly client?: { readonly certificate: Uint8Array; readonly key: Uint8Array };
}

async function identityOf(user: KubeEntry, deps: KeyDeps): Promise<Identity> {
  const file = asText(user.fields['tokenFile']);
  const exec = user.fields['exec'];
  const [certificate, key] = [
    await material(user, 'client-certificate', deps),
    await material(user, 'client-key', deps),
  ];
  if ((certificate === undefined) !== (key === undefined))
    throw unavailable('its client certificate or key is missing');
  const client = certificate === undefined || key === undefined ? undefined : { certificate, key };
  const token =
    file === undefined ? asText(user.fields['token']) : await readText(deps, pathIn(user.folder, file), file);
  if (exec !== undefined && exec !== null && token === undefined && client === undefined) {
    return fromProgram({ folder: user.folder, fields: asObject(exec, 'exec', unavailable) }, deps);
  }
  return { ...(token === undefined ? {} : { token: token.trim() }), ...(client === undefined ? {} : { client }) };
}

/** A credential plugin (Kubernetes documentation, "client-go credential plugins"). */
async function fromProgram({ folder, fields }: KubeEntry, deps: KeyDeps): Promise<Identity> {
  const apiVersion = asText(fields['apiVersion']) ?? '';
  const command = asText(fields['command']) ?? '';
  if (!/^client\.authentication\.k8s\.io\/v1(?:beta1)?$/.test(apiVersion) || fields['provideClusterInfo'] === true) {
    throw unavailable('its credential plugin wants a protocol that is not spoken here');
  }
  const info = { apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const env: Record<string, string | undefined> = { ...deps.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  for (const item of asList(fields['env'], 'env', 1000, unavailable)) {
    const { name, value } = asObject(item, 'env', unavailable);
    if (typeof name === 'string' && typeof value === 'string') env[name] = value;
  }
  const args = asList(fields['args'], 'args', 1000, unavailable).map(String);
  const program = /[\\/]/.test(command) ? pathIn(folder, command) : command;
  const run = deps.exec ?? runProgram;
  const { status, output } = await run({ program, args, env, signal: deps.signal });
  if (status !== 0) throw unavailable(`its credential plugin ${command} ended with status ${status}`);
  const answer = parse(output, command);
  const [token, certificate, key] = ['token', 'clientCertificateData', 'clientKeyData'].map((name) =>
    asText(answer[name]),
  );
  if (certificate !== undefined && key !== undefined) {
    return { client: { certificate: Buffer.from(certificate), key: Buffer.from(key) } };
  }
  if (token === undefined) throw unavailable(`its credential plugin ${command} gave no credential`);
  return { token };
}

function parse(output: Buffer, command: string): JsonObject {
  try {
    return asObject(asObject(parseStrictJson(output), 'the answer', unavailable)['status'], 'status', unavailable);
  } catch {
    // What is wrong with it may quote a token.
    throw unavailable(`its credential plugin ${command} printed something that is no ExecCredential`);
  }
}

/** A file's name, or its bytes as base64 under the same name with `-data`; the bytes go before the file. */
async function material({ folder, fields }: KubeEntry, name: string, deps: KeyDeps): Promise<Buffer | undefined> {
  const data = asText(fields[`${name}-data`]);
  const path = asText(fields[name]);
  if (data === undefined) return path === undefined ? undefined : readCapped(deps, pathIn(folder, path), path);
  try {
    return decodeBase64(data);
  } catch {
    throw unavailable(`${name}-data is not base64`);
  }
}

function serverOf(address: string): { readonly text: string; readonly host: string } {
  const url = URL.parse(address);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw unavailable('the address of its server is none');
  }
  return { text: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, host: url.host };
}

function bearer(token: string): Record<string, string> {
  if (!/^[\x21-\x7e]{1,65536}$/.test(token)) throw unavailable('its token has characters that none has');
  return { authorization: `Bearer ${token}` };
}

function refuseUnknown(fields: JsonObject, names: readonly string[]): void {
  const name = names.find((one) => fields[one] !== undefined);
  if (name !== undefined) throw unavailable(`it uses ${name}, which is not followed here`);
}

function unavailable(why: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `The cluster cannot be asked: ${why}`);
}
