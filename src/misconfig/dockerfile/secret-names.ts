/** Names of secrets whose words do not tell. */
const known: ReadonlySet<string> = new Set([
  'AZURE_DEVOPS_EXT_PAT',
  'GH_PAT',
  'GITHUB_PAT',
  'GITLAB_PAT',
  'MYSQL_PWD',
  'SSHPASS',
]);

/** Variables that name a file with credentials. */
const files: ReadonlySet<string> = new Set([
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AZURE_CLIENT_CERTIFICATE_PATH',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'KUBECONFIG',
]);

const secretWord =
  /^(?:auth|credentials?|pword|tokens?)$|(?:apikey|authtoken|passphrase|password|passwd|secret|secrets)$/;

/** Kinds of keys that nobody else may have; `GPG_KEY`, say, is most often a fingerprint. */
const secretKeyOwner: ReadonlySet<string> = new Set([
  'access',
  'account',
  'api',
  'auth',
  'encryption',
  'license',
  'master',
  'private',
  'secret',
  'service',
  'signing',
  'ssh',
  'storage',
]);

/** Last words of what is about a secret, and is none. */
const about: ReadonlySet<string> = new Set([
  'dir',
  'endpoint',
  'file',
  'header',
  'host',
  'issuer',
  'length',
  'method',
  'name',
  'path',
  'provider',
  'size',
  'timeout',
  'ttl',
  'type',
  'uri',
  'url',
]);

/**
 * True for a variable whose name tells that its value is a secret: by a word of it, as BuildKit's check `SecretsUsedInArgOrEnv` goes by, and not where
 * one of its words is `public` or it only tells where the secret is.
 */
export function namesSecret(name: string): boolean {
  if (known.has(name.toUpperCase())) return true;
  if (files.has(name.toUpperCase())) return false;
  const words = wordsOf(name);
  if (words.includes('public') || about.has(words.at(-1) ?? '')) return false;
  return words.some(
    (word, at) => secretWord.test(word) || (/^keys?$/.test(word) && secretKeyOwner.has(words[at - 1] ?? '')),
  );
}

/** True for a variable whose value is the place of a file with a secret. */
export function namesSecretFile(name: string): boolean {
  if (files.has(name.toUpperCase())) return true;
  const words = wordsOf(name);
  const last = words.pop() ?? '';
  return ['file', 'path'].includes(last) && namesSecret(words.join('_'));
}

function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}
