import { KubernetesError } from '../error.ts';
import { certificatePart } from './certificate-part.ts';
import { type CredentialPart, fixedPart } from './credential-part.ts';
import { credentialSource } from './credential-source.ts';
import type { ConfigDeps } from './deps.ts';
import { invalidEntry, type KubeEntry, pathField, textField } from './entry.ts';
import { execPart } from './exec-part.ts';
import { readExec } from './exec-settings.ts';
import { impersonationHeaders } from './impersonation.ts';
import type { CredentialSource } from './model.ts';
import { bearerHeader } from './token.ts';
import { tokenFilePart } from './token-file-part.ts';

/** What a user of a kubeconfig proves who they are with. @throws KubernetesError CONFIG_INVALID */
export function userCredentials(user: KubeEntry, cluster: KubeEntry, deps: ConfigDeps): CredentialSource {
  refuseAuthProvider(user);
  const exec = readExec(user, cluster);
  const token = tokenPart(user, deps);
  const password = passwordPart(user);
  if (token !== undefined && password !== undefined) {
    throw invalidEntry(user, 'has a token and a password, of which only one can be sent; keep one');
  }
  const header = token ?? password;
  const certificate = certificatePart(user, deps);
  // A plugin is asked where nothing else says who asks.
  const plugin = exec === undefined || header !== undefined ? undefined : execPart(exec, deps);
  const parts = [header, certificate, plugin].filter((part) => part !== undefined);
  return credentialSource(parts, impersonationHeaders(user));
}

/** Its replacements are known for each (Kubernetes 1.26 removed it). */
function refuseAuthProvider(user: KubeEntry): void {
  const provider = user.fields['auth-provider'];
  if (provider === undefined || provider === null) return;
  const name = (provider as { readonly name?: unknown }).name;
  const plugin = { gcp: 'gke-gcloud-auth-plugin', azure: 'kubelogin', oidc: 'kubectl oidc-login' }[String(name)];
  const advice = plugin === undefined ? 'use a credential plugin (exec)' : `use the credential plugin ${plugin} (exec)`;
  throw invalidEntry(user, `has an auth-provider, which Kubernetes has removed; ${advice}`);
}

function tokenPart(user: KubeEntry, deps: ConfigDeps): CredentialPart | undefined {
  const token = textField(user, 'token');
  const path = pathField(user, 'tokenFile');
  const what = `The token of ${user.title}`;
  if (path !== undefined) return tokenFilePart(path, what, deps, token);
  return token === undefined ? undefined : fixedPart({ authorization: bearerHeader(token, what) });
}

function passwordPart(user: KubeEntry): CredentialPart | undefined {
  const name = textField(user, 'username');
  if (name === undefined) return undefined;
  if (name.includes(':')) {
    // The first colon ends the name (RFC 7617, 2).
    throw new KubernetesError(
      'CONFIG_INVALID',
      `The name of ${user.title} has a colon, which no password can follow; correct it`,
    );
  }
  const pair = Buffer.from(`${name}:${textField(user, 'password') ?? ''}`).toString('base64');
  return fixedPart({ authorization: `Basic ${pair}` });
}
