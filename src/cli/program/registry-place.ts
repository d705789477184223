import type { Command } from 'commander';

/** The flags that say which registry a command is about. */
export interface Place {
  readonly data?: string;
}

/** Adds the flag for the folder of the registry that a command is about. */
export function withPlace(command: Command): Command {
  return command.option('--data <folder>', 'where the registry keeps everything');
}

/** The registry that a command line names. The settings file is named by a flag that all commands have. */
export function placeOf(command: Command): { readonly config?: string; readonly data?: string } {
  const { config, data } = command.optsWithGlobals<{ config?: string; data?: string }>();
  return { ...(config === undefined ? {} : { config }), ...(data === undefined ? {} : { data }) };
}
