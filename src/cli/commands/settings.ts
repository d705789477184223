import { renderSettings } from '../config/render.ts';
import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';

/** `settings`: prints each value and where it came from. */
export async function settingsCommand(json: boolean, resolved: ResolvedSettings, host: Host): Promise<number> {
  await host.stdout.write(renderSettings(resolved, json ? 'json' : 'table'));
  return exitCode.ok;
}
