import {
  defaultGatekeeperSettings,
  type GatekeeperManifestSettings,
  type ManifestSettings,
  ports,
} from '../../admission/manifests/model.ts';
import { ConfigError } from '../config/error.ts';
import { secondsOf } from './gatekeeper.ts';
import { checkNamespace, checkObjectName } from './names.ts';

/** What is given to `admission manifests` about Gatekeeper. */
export interface GatekeeperManifestFlags {
  readonly gatekeeper?: true;
  readonly gatekeeperPort?: string;
  readonly gatekeeperNamespace?: string;
  readonly gatekeeperProvider?: readonly string[];
  readonly gatekeeperClientCa?: string;
  readonly gatekeeperTimeout?: string;
  readonly gatekeeperMutateTimeout?: string;
}

/** Ports that are no other program's, and not those of reviews and of metrics. */
const lowestPort = 1024;
const highestPort = 65_535;

/** What the flags say of how Gatekeeper is answered: it is not where none of them is given. @throws ConfigError */
export function gatekeeperManifestSettings(flags: GatekeeperManifestFlags): Pick<ManifestSettings, 'gatekeeper'> {
  const { gatekeeper, gatekeeperNamespace, gatekeeperClientCa: clientCa, gatekeeperProvider = [] } = flags;
  const others = [
    ['--gatekeeper-port', flags.gatekeeperPort],
    ['--gatekeeper-namespace', gatekeeperNamespace],
    ['--gatekeeper-client-ca', clientCa],
    ['--gatekeeper-timeout', flags.gatekeeperTimeout],
    ['--gatekeeper-mutate-timeout', flags.gatekeeperMutateTimeout],
  ] as const;
  if (gatekeeper === undefined && gatekeeperProvider.length === 0) {
    const [flag] = others.find(([, value]) => value !== undefined) ?? [];
    if (flag === undefined) return {};
    throw new ConfigError('SETTING_INVALID', `${flag} is of no use where Gatekeeper is not answered; add --gatekeeper`);
  }
  for (const name of [...gatekeeperProvider, ...(clientCa === undefined ? [] : [clientCa])]) checkObjectName(name);
  const { port, namespace, providers, verifySeconds, mutateSeconds } = defaultGatekeeperSettings;
  if (gatekeeperNamespace !== undefined) checkNamespace(gatekeeperNamespace);
  const settings: GatekeeperManifestSettings = {
    port: gatekeeperPortOf('--gatekeeper-port', flags.gatekeeperPort, port),
    namespace: gatekeeperNamespace ?? namespace,
    providers: gatekeeperProvider.length === 0 ? providers : [...new Set(gatekeeperProvider)],
    verifySeconds: secondsOf('--gatekeeper-timeout', flags.gatekeeperTimeout, verifySeconds),
    mutateSeconds: secondsOf('--gatekeeper-mutate-timeout', flags.gatekeeperMutateTimeout, mutateSeconds),
    ...(clientCa === undefined ? {} : { clientCa }),
  };
  return { gatekeeper: settings };
}

/** Reads the port on which Gatekeeper is answered in a cluster. @throws ConfigError */
export function gatekeeperPortOf(flag: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const port = /^[1-9]\d{3,4}$/.test(text) ? Number(text) : 0;
  const taken: readonly number[] = Object.values(ports);
  if (port >= lowestPort && port <= highestPort && !taken.includes(port)) return port;
  const range = `from ${lowestPort} to ${highestPort}, but not ${taken.join(' or ')}`;
  throw new ConfigError('SETTING_INVALID', `${flag} is "${text}"; give a port ${range}`);
}
