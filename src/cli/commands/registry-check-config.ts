import type { ResolvedSettings } from '../config/resolve.ts';
import { exitCode } from '../exit-code.ts';
import type { Host } from '../host.ts';
import { readRegistryConfig, type RegistryPlace } from '../registry/read-registry-config.ts';
import { tellMistakes, tellWarnings } from '../registry/tell-mistakes.ts';

/** `registry check-config`: tells all mistakes of a configuration, with their lines, and what is hardly meant. */
export async function registryCheckConfigCommand(
  place: RegistryPlace,
  { settings }: ResolvedSettings,
  host: Host,
): Promise<number> {
  const { reading, file } = await readRegistryConfig(place, host);
  if (reading.mistakes !== undefined) return tellMistakes(file, reading.mistakes, host);
  await tellWarnings(file, reading.warnings, host);
  const what = file === undefined ? 'There is no settings file; the registry would start without' : `${file} is good`;
  if (!settings.quiet) await host.stdout.write(`${what}\n`);
  return exitCode.ok;
}
