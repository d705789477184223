import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import type { Exchange } from '../../sigstore-dev/http/server.ts';
import { keptKeyRing } from '../../sigstore-dev/key/key-ring.ts';
import { type Sigstore, startSigstore } from '../../sigstore-dev/sigstore.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import { describeError } from '../describe-error.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { untilAborted } from '../until-aborted.ts';

/** What `sigstore-dev` is told on the command line alone. */
export interface SigstoreDevOptions {
  /** 0, the default: any port that is free. */
  readonly port?: string;
  /** Where keys are kept, and what clients need is written; without it everything ends with the process. */
  readonly dir?: string;
  /** The major version of the log that signers are told to use: 1, the default, or 2. */
  readonly rekor?: string;
  /** Whom logins let in. */
  readonly email?: string;
}

/** `sigstore-dev`: runs a whole sigstore on loopback until it is interrupted. */
export async function sigstoreDevCommand(options: SigstoreDevOptions, settings: Settings, host: Host): Promise<number> {
  const port = numberOf('--port', options.port ?? '0', 65_535);
  const rekor = options.rekor ?? '1';
  if (rekor !== '1' && rekor !== '2') throw invalid('--rekor', rekor, '1 or 2');
  const folder = options.dir === undefined ? undefined : resolve(host.cwd, options.dir);
  const password = host.env['SEAWORTHY_PASSWORD'] ?? host.env['COSIGN_PASSWORD'];
  const signingConfig = { rekor: [rekor === '1' ? 1 : 2], timestamps: rekor === '2' } as const;
  await using sigstore = await startSigstore({
    port,
    now: host.now,
    signingConfig,
    // Keys are kept encrypted or not at all.
    ...(folder === undefined || password === undefined ? {} : { keys: keptKeyRing(join(folder, 'keys'), password) }),
    ...(options.email === undefined ? {} : { user: { subject: options.email, email: options.email } }),
    onExchange: (exchange) => void tell(exchange, settings, host),
  });
  const example = exampleOf(sigstore, options.dir);
  if (folder !== undefined) {
    const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
    await writeFileAtomic(join(folder, 'trusted_root.json'), json(sigstore.trustedRoot));
    await writeFileAtomic(join(folder, 'signing_config.json'), json(sigstore.signingConfig(signingConfig)));
    await writeFileAtomic(join(folder, 'root.json'), sigstore.tufRoot);
    await writeFileAtomic(join(folder, 'example.sh'), example);
  }
  await host.stdout.write(settings.quiet ? `${sigstore.url}\n` : `${addresses(sigstore)}\n${example}`);
  await untilAborted(host.signal);
  // To be interrupted is how this command ends, and no failure: the shell's status says by what.
  return host.interruptStatus() ?? exitCode.ok;
}

function addresses({ url, tsaUrl, tufUrl, issuers }: Sigstore): string {
  const rows = [
    ['Fulcio, Rekor', url],
    ['Timestamps', tsaUrl],
    ['TUF', tufUrl],
    ...Object.entries(issuers).map(([kind, issuer]) => [`Issuer ${kind}`, issuer]),
    ['Tokens', `${url}/token?issuer=github&sub=...`],
  ];
  return rows.map(([name = '', value = '']) => `${name.padEnd(18)}${value}\n`).join('');
}

/** Commands that a user can copy; those of cosign and ours take the same. */
function exampleOf({ url, tufUrl, issuers }: Sigstore, folder: string | undefined): string {
  const root = folder === undefined ? 'root.json' : quote(join(folder, 'root.json'));
  const identity = `--certificate-identity dev@example.com --certificate-oidc-issuer ${issuers.email}`;
  const lines = [
    '# A token, as a build or a person has one',
    `TOKEN=$(curl -fsS "${url}/token?email=dev@example.com")`,
    '',
    '# cosign 3',
    ...(folder === undefined ? [`curl -fsSo root.json ${tufUrl}/root.json`] : []),
    `cosign initialize --mirror ${tufUrl} --root ${root}`,
    'cosign sign --yes --identity-token "$TOKEN" "$IMAGE"',
    `cosign verify ${identity} "$IMAGE"`,
  ];
  if (folder === undefined) return `${lines.join('\n')}\n`;
  const config = quote(join(folder, 'signing_config.json'));
  const trusted = quote(join(folder, 'trusted_root.json'));
  return [
    ...lines,
    '',
    '# seaworthy',
    `seaworthy sign --yes --signing-config ${config} --identity-token "$TOKEN" "$IMAGE"`,
    `seaworthy verify --trusted-root ${trusted} ${identity} "$IMAGE"`,
    '',
  ].join('\n');
}

/** One line for each request, with `--debug`. Queries may hold codes and are left out. */
async function tell({ method, path, status, error }: Exchange, settings: Settings, host: Host): Promise<void> {
  if (error !== undefined) await host.stderr.write(`${describeError(error)}\n`);
  if (settings.debug) await host.stderr.write(`${status} ${method} ${cleanText(path.split('?', 1)[0] ?? '')}\n`);
}

function numberOf(flag: string, text: string, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value <= most) return value;
  throw invalid(flag, text, `a number up to ${most}`);
}

function invalid(flag: string, text: string, wanted: string): ConfigError {
  return new ConfigError('SETTING_INVALID', `${flag} is "${text}"; give ${wanted}`);
}

/** A word of a shell. */
function quote(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
