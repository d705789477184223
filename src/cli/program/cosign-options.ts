import { type Command, Option } from 'commander';
import { parseReference } from '../../oci/reference.ts';
import type { ResolvedSettings } from '../config/resolve.ts';

/** Registries that cosign's switches let be asked in other ways than by verified TLS. */
export interface LooseRegistries {
  readonly allowHttpRegistry?: boolean;
  readonly allowInsecureRegistry?: boolean;
}

/** Adds switches of cosign to a command that asks registries: those that loosen how, and those without meaning. */
export function addRegistrySwitches(command: Command): Command {
  return hidden(command, [
    '--allow-http-registry',
    '--allow-insecure-registry',
    // Both ways of attaching are read and written as they are needed.
    '--experimental-oci11',
    '--registry-referrers-mode <mode>',
  ]);
}

/** Adds these, and switches without meaning of cosign's commands that sign or verify images. */
export function addCosignOptions(command: Command): Command {
  return hidden(addRegistrySwitches(command), [
    // A manifest tells the time without being asked.
    '--record-creation-timestamp',
    '--max-workers <number>',
    // Logs are sent envelopes in one form.
    '--rekor-entry-type <type>',
    '--new-bundle-format',
    '--no-new-bundle-format',
  ]);
}

function hidden(command: Command, options: readonly string[]): Command {
  for (const flags of options) command.addOption(new Option(flags).hideHelp());
  return command;
}

/** The settings, with the registries of these images among those that need no verified TLS where cosign's switches say so. */
export function withLooseRegistries(
  resolved: ResolvedSettings,
  { allowHttpRegistry = false, allowInsecureRegistry = false }: LooseRegistries,
  names: readonly string[],
): ResolvedSettings {
  if (!allowHttpRegistry && !allowInsecureRegistry) return resolved;
  const hosts = names.map((name) => parseReference(name).registry);
  const { settings } = resolved;
  return {
    ...resolved,
    settings: {
      ...settings,
      // cosign's second switch means both: whichever of the two answers.
      plainHttp: [...settings.plainHttp, ...hosts],
      ...(allowInsecureRegistry ? { insecure: [...settings.insecure, ...hosts] } : {}),
    },
  };
}
