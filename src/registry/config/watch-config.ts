import type { Clock } from '../../net/clock.ts';
import { FileWatch } from '../../base/file-watch.ts';
import type { ConfigSurroundings } from './check-config.ts';
import type { ConfigMistake } from '../../codec/yaml/mistake.ts';
import type { RegistryConfig } from './model.ts';
import { readConfig } from './read-config.ts';
import { applyConfig, type ConfigChange } from './reload.ts';

/** How a settings file is watched, and who hears of changes. */
export interface WatchConfigOptions {
  /** The configuration in use, and the fingerprint that came with it. */
  readonly current: RegistryConfig;
  readonly fingerprint: string;
  /** Asked anew for each reading: certificates end while a registry runs. */
  readonly surroundings: () => ConfigSurroundings;
  readonly everyMs: number;
  readonly clock: Clock;
  /** A configuration to use from now on, and what is different in the file; what needs a restart is as it was. */
  readonly onConfig: (config: RegistryConfig, change: ConfigChange) => Promise<void> | void;
  /** The file changed, and something in it is hardly meant. */
  readonly onWarnings?: (warnings: readonly ConfigMistake[]) => void;
  /** The file changed and is wrong; what is in use stays. */
  readonly onMistakes: (mistakes: readonly ConfigMistake[]) => void;
}

/** Watches a settings file; `check()` of what is returned looks at once, for SIGHUP. */
export function watchConfig(file: string, options: WatchConfigOptions): FileWatch {
  const { fingerprint, everyMs, clock, surroundings, onConfig, onWarnings, onMistakes } = options;
  let { current } = options;
  return new FileWatch({
    paths: [file],
    fingerprint,
    everyMs,
    clock,
    async onChange() {
      const { reading } = await readConfig(file, surroundings());
      if (reading.mistakes !== undefined) return onMistakes(reading.mistakes);
      onWarnings?.(reading.warnings);
      const { config, change } = applyConfig(current, reading.config);
      if (change.live.length === 0 && change.restart.length === 0) return;
      current = config;
      await onConfig(config, change);
    },
  });
}
