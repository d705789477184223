import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';

/** More than any password has. */
const maxPasswordBytes = 65_536;

/**
 * The password of a private key: `COSIGN_PASSWORD`, `SEAWORTHY_PASSWORD`, the person at the terminal, or standard input. It
 * may be empty.
 *
 * @param twice for a new key: asked again, so that a slip does not lock it away
 * @throws ConfigError SETTING_INVALID when the two differ
 */
export async function keyPassword(settings: Settings, host: Host, twice: boolean): Promise<Buffer> {
  const { env, ask } = host;
  // With --username the variable holds the registry's password, which must not be taken for the key's, nor the reverse.
  const own = settings.username === undefined ? env['SEAWORTHY_PASSWORD'] : undefined;
  const given = env['COSIGN_PASSWORD'] ?? own;
  if (given !== undefined) return Buffer.from(given);
  if (ask === undefined) {
    if (settings.passwordStdin) {
      const message = "--password-stdin is the registry's; give the key's password in COSIGN_PASSWORD";
      throw new ConfigError('SETTING_INVALID', message);
    }
    return Buffer.from((await host.readStdin(maxPasswordBytes)).toString('utf8').replace(/\r?\n$/, ''));
  }
  const answer = await ask(
    twice ? 'Enter a password for the private key: ' : 'Enter the password of the private key: ',
    true,
  );
  if (twice && (await ask('Enter it again: ', true)) !== answer) {
    throw new ConfigError('SETTING_INVALID', 'The two passwords differ; start again');
  }
  return Buffer.from(answer);
}
